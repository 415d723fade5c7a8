{# numerator / denominator as numeric with 6 decimals; null where the denominator is zero or null. #}
{% macro ratio(numerator, denominator) -%}
    round(cast({{ numerator }} as numeric) / nullif({{ denominator }}, 0), 6)
{%- endmacro %}
