{#
    True for engaged sessions, the denominator of the strict, standard and abandonment rates: outcomes 3 to 5 and 8 to
    11 with at least one substantive AI answer. Use over rows with `outcome` and `substantive_answers_count`.
#}
{% macro is_engaged() -%}
    outcome not in ('invalid', 'open', 'blocked', 'unanswered') and substantive_answers_count > 0
{%- endmacro %}
