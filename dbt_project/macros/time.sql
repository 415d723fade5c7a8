{# Seconds from one timestamptz to another, exact to the microsecond: numeric(18, 6); negative if the first is later. #}
{% macro seconds_between(start, end) -%}
    {{ return(adapter.dispatch('seconds_between')(start, end)) }}
{%- endmacro %}

{% macro postgres__seconds_between(start, end) -%}
    cast(extract(epoch from ({{ end }} - {{ start }})) as numeric(18, 6))
{%- endmacro %}

{% macro duckdb__seconds_between(start, end) -%}
    cast(date_diff('microsecond', {{ start }}, {{ end }}) * 0.000001 as numeric(18, 6))
{%- endmacro %}

{# The date that a clock in a time zone shows at an instant. at: timestamptz; timezone: name in the IANA database. #}
{% macro local_date(at, timezone) -%}
    cast(({{ at }} at time zone {{ timezone }}) as date)
{%- endmacro %}

{# First day of the period of a date: the date itself, the Monday of its week (ISO 8601), the first of its month. #}
{% macro period_of(period_type, date) -%}
    cast(date_trunc({{ period_type }}, {{ date }}) as date)
{%- endmacro %}

{# First day of the month of a date. #}
{% macro month_of(date) -%}
    {{ period_of("'month'", date) }}
{%- endmacro %}

{# In a `from` list: the types of periods that marts of periods have, as the column period_type. #}
{% macro period_types() -%}
    (values ('day'), ('week'), ('month')) as period_types (period_type)
{%- endmacro %}

{# A timestamptz so many minutes later. minutes: a number or a numeric expression. #}
{% macro minutes_after(at, minutes) -%}
    ({{ at }} + {{ minutes }} * interval '1 minute')
{%- endmacro %}

{#
    The instant at which a local date begins: the first of two where clocks go back to midnight. The engines take the second, so
    the offset of the day before is tried. date: a date; timezone: name in the IANA database.
#}
{% macro local_midnight(date, timezone) -%}
    {%- set midnight = 'cast(' ~ date ~ ' as timestamp)' -%}
    {%- set found = '(' ~ midnight ~ ' at time zone ' ~ timezone ~ ')' -%}
    {%- set before = '(' ~ found ~ " - interval '1 day')" -%}
    {%- set offset = '((' ~ before ~ ' at time zone ' ~ timezone ~ ') - (' ~ before ~ " at time zone 'UTC'))" -%}
    {%- set earlier = '((' ~ midnight ~ ' - ' ~ offset ~ ") at time zone 'UTC')" -%}
    case when ({{ earlier }} at time zone {{ timezone }}) = {{ midnight }} then least({{ earlier }}, {{ found }}) else {{ found }} end
{%- endmacro %}

{# Days from one date to another: integer. #}
{% macro days_between(start, end) -%}
    cast({{ end }} - {{ start }} as integer)
{%- endmacro %}

{# First day of a month some months after (before, if negative) the month that starts on a date. #}
{% macro month_after(month, months=1) -%}
    cast({{ month }} + {{ months }} * interval '1 month' as date)
{%- endmacro %}

{# The instant at which the hour of an instant began, by UTC: in zones with half hours an hour may lie on two local days. #}
{% macro hour_of(at) -%}
    (date_trunc('hour', {{ at }} at time zone 'UTC') at time zone 'UTC')
{%- endmacro %}

{# The date in UTC of an instant; line_indexes has the same expression. #}
{% macro utc_date(at) -%}
    cast(({{ at }} at time zone 'UTC') as date)
{%- endmacro %}

{# In a `select` list: one row for each date from one to another, both included; none where the first is later. #}
{% macro each_date(first, last) -%}
    {{ return(adapter.dispatch('each_date')(first, last)) }}
{%- endmacro %}

{% macro postgres__each_date(first, last) -%}
    cast(generate_series(cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval '1 day') as date)
{%- endmacro %}

{% macro duckdb__each_date(first, last) -%}
    cast(unnest(generate_series(cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval '1 day')) as date)
{%- endmacro %}
