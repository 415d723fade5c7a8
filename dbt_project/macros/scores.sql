{# An audit's score as numeric(18, 6); null where it is none from 0 to 100. score: a double precision expression. #}
{% macro score_of_audit(score) -%}
    cast(case when {{ score }} between 0 and 100 then {{ score }} end as numeric(18, 6))
{%- endmacro %}
