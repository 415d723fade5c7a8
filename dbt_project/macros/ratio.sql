{# numerator / denominator, rounded to 6 decimals: numeric(18, 6); null where the denominator is zero or null. #}
{% macro ratio(numerator, denominator) -%}
    cast(cast({{ numerator }} as numeric) / nullif({{ denominator }}, 0) as numeric(18, 6))
{%- endmacro %}
