{#
    Percentile of a group, interpolated between its neighbours: double precision; null without values.

    fraction: 0 to 1; column: a number; where: only rows that fulfil this condition.
#}
{% macro percentile(fraction, column, where='true') -%}
    {{ return(adapter.dispatch('percentile')(fraction, column, where)) }}
{%- endmacro %}

{% macro postgres__percentile(fraction, column, where) -%}
    percentile_cont({{ fraction }}) within group (order by {{ column }}) filter (where {{ where }})
{%- endmacro %}

{# In the order in which Postgres calculates, for the same last bit: DuckDB's own differs in it for one group in six. #}
{% macro duckdb__percentile(fraction, column, where) -%}
    {%- set place = fraction ~ '::double * (len(sorted) - 1)' -%}
    {%- set below = 'sorted[1 + cast(floor(' ~ place ~ ') as bigint)]' -%}
    {%- set above = 'sorted[1 + cast(ceil(' ~ place ~ ') as bigint)]' -%}
    list_transform(
        [array_agg(cast({{ column }} as double) order by {{ column }}) filter (where ({{ where }}) and {{ column }} is not null)],
        lambda sorted: {{ below }} + ({{ place }} - floor({{ place }})) * ({{ above }} - {{ below }})
    )[1]
{%- endmacro %}
