{# Sessions with a trait, and a certain value of it, over rows of int_sessions_profiled_daily: bigint, 0 without any. #}
{% macro profiled(trait, value=none) -%}
    cast(
        coalesce(
            sum(sessions_count) filter (where trait = '{{ trait }}' {%- if value is not none %} and trait_value = '{{ value }}'{% endif %}), 0
        ) as bigint
    )
{%- endmacro %}
