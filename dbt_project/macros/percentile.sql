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

{#
    The same percentile of values that are counted: percentiles of days do not add up to that of a month, their counts do. Use inside a
    `group by` with all_count over rows of one value each.

    fraction: 0 to 1; value: a number; until: how many there are up to this value; all_count: how many there are.
#}
{% macro percentile_of_counts(fraction, value, until, all_count) -%}
    {%- set place = 'cast(' ~ fraction ~ ' as double precision) * cast(' ~ all_count ~ ' - 1 as double precision)' -%}
    {%- set below = 'cast(min(' ~ value ~ ') filter (where ' ~ until ~ ' > floor(' ~ place ~ ')) as double precision)' -%}
    {%- set above = 'cast(min(' ~ value ~ ') filter (where ' ~ until ~ ' > ceil(' ~ place ~ ')) as double precision)' -%}
    {{ below }} + ({{ place }} - floor({{ place }})) * ({{ above }} - {{ below }})
{%- endmacro %}
