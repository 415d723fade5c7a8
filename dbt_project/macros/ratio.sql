{# numerator / denominator, rounded to 6 decimals: numeric(18, 6); null where the denominator is zero or null. #}
{% macro ratio(numerator, denominator) -%}
    {{ return(adapter.dispatch('ratio')(numerator, denominator)) }}
{%- endmacro %}

{% macro postgres__ratio(numerator, denominator) -%}
    cast(cast({{ numerator }} as numeric) / nullif({{ denominator }}, 0) as numeric(18, 6))
{%- endmacro %}

{# By whole numbers, for DuckDB divides decimals as doubles: halves are rounded away from zero, as on Postgres. #}
{% macro duckdb__ratio(numerator, denominator) -%}
    {%- set parts = billionths('abs(' ~ numerator ~ ')') -%}
    {%- set whole = billionths('abs(' ~ denominator ~ ')') -%}
    cast(
        cast(
            sign({{ numerator }}) * sign({{ denominator }})
            * ((2 * 1000000 * {{ parts }} + {{ whole }}) // (2 * nullif({{ whole }}, 0))) as numeric(24, 0)
        ) * 0.000001 as numeric(18, 6)
    )
{%- endmacro %}

{# Smallest whole number that is at least numerator / denominator: bigint; null where the denominator is zero or null. #}
{% macro ratio_rounded_up(numerator, denominator) -%}
    {{ return(adapter.dispatch('ratio_rounded_up')(numerator, denominator)) }}
{%- endmacro %}

{% macro postgres__ratio_rounded_up(numerator, denominator) -%}
    cast(ceil(cast({{ numerator }} as numeric) / nullif({{ denominator }}, 0)) as bigint)
{%- endmacro %}

{# Integer division cuts off: what remains of a ratio above zero counts as one more. #}
{% macro duckdb__ratio_rounded_up(numerator, denominator) -%}
    {%- set parts = billionths(numerator) -%}
    {%- set whole = 'nullif(' ~ billionths(denominator) ~ ', 0)' -%}
    cast({{ parts }} // {{ whole }} + cast({{ parts }} % {{ whole }} != 0 and sign({{ parts }}) = sign({{ whole }}) as integer) as bigint)
{%- endmacro %}

{# A number of at most 9 decimals (the finest that is stored) as a whole number of billionths. DuckDB only. #}
{% macro billionths(expression) -%}
    cast(cast({{ expression }} as numeric(38, 9)) * 1000000000 as hugeint)
{%- endmacro %}
