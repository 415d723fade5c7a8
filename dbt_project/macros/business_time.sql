{#
    Business time. `int_business_time_summed` cuts each calendar into pieces that begin at midnights in UTC and where the calendar
    opens; each knows how much business time lies before it. An instant lies in one piece of its day, so that a lookup is an
    equality of calendar and day, whatever the length of history: business time between two instants is the difference of two
    lookups. All of it is whole microseconds.
#}

{# Microseconds from one timestamp to another: bigint. #}
{% macro microseconds_between(start, end) -%}
    {{ return(adapter.dispatch('microseconds_between')(start, end)) }}
{%- endmacro %}

{% macro postgres__microseconds_between(start, end) -%}
    cast(1000000 * extract(epoch from ({{ end }} - {{ start }})) as bigint)
{%- endmacro %}

{% macro duckdb__microseconds_between(start, end) -%}
    date_diff('microsecond', {{ start }}, {{ end }})
{%- endmacro %}

{# A timestamp so many microseconds later. #}
{% macro microseconds_after(at, microseconds) -%}
    {{ return(adapter.dispatch('microseconds_after')(at, microseconds)) }}
{%- endmacro %}

{% macro postgres__microseconds_after(at, microseconds) -%}
    ({{ at }} + ({{ microseconds }}) * interval '1 microsecond')
{%- endmacro %}

{% macro duckdb__microseconds_after(at, microseconds) -%}
    ({{ at }} + to_microseconds({{ microseconds }}))
{%- endmacro %}

{# Seconds of a number of microseconds: numeric(18, 6), exact. #}
{% macro seconds_of(microseconds) -%}
    cast({{ microseconds }} * 0.000001 as numeric(18, 6))
{%- endmacro %}

{# Number of the whole day (24 hours) of business time that a total of microseconds lies in. #}
{% macro open_day_of(microseconds) -%}
    cast(({{ microseconds }} - {{ microseconds }} % 86400000000) / 86400000000 as bigint)
{%- endmacro %}

{# The piece of business time that an instant lies in. pieces: alias of int_business_time_summed; calendar: alias of what has tenant and calendar. #}
{% macro is_in_piece(calendar, at, pieces) -%}
    {{ calendar }}.tenant_id = {{ pieces }}.tenant_id
    and {{ calendar }}.calendar_id = {{ pieces }}.calendar_id
    and {{ utc_date(at) }} = {{ pieces }}.utc_date
    and {{ at }} >= {{ pieces }}.began_at
    and {{ at }} < {{ pieces }}.ended_at
{%- endmacro %}

{# Business time of the calendar until an instant in a piece of it: microseconds. #}
{% macro business_time_until(at, pieces) -%}
    ({{ pieces }}.microseconds_before + greatest(0, {{ microseconds_between(pieces ~ '.began_at', 'least(' ~ at ~ ', ' ~ pieces ~ '.open_until_at)') }}))
{%- endmacro %}

{#
    The piece in which the business time of a calendar goes beyond a total. pieces: alias of int_business_time_reached; total:
    microseconds; it reaches a total where it goes beyond that less one. calendar_id: column of the alias `calendar`.
#}
{% macro is_passed_in_piece(calendar, total, pieces, calendar_id='calendar_id') -%}
    {{ calendar }}.tenant_id = {{ pieces }}.tenant_id
    and {{ calendar }}.{{ calendar_id }} = {{ pieces }}.calendar_id
    and {{ open_day_of(total) }} = {{ pieces }}.open_day
    and {{ total }} >= {{ pieces }}.microseconds_before
    and {{ total }} < {{ pieces }}.microseconds_before + {{ pieces }}.open_microseconds
{%- endmacro %}

{# Value of the latest row so far whose value is not null: text. number: bigint that orders the rows of the window, at most 8 digits. #}
{% macro latest_so_far(number, value, window) -%}
    substr(max(lpad(cast({{ number }} as varchar), 8, '0') || {{ value }}) over {{ window }}, 9)
{%- endmacro %}

{# Until when the pieces must go: 800 days of deadlines from "now" on, and to the end of that year, so that they are made once a year. #}
{% macro business_time_end(as_of) -%}
    cast(date_trunc('year', {{ utc_date(as_of) }} + interval '1200 days') as date)
{%- endmacro %}

{# How far a zone's clocks are ahead of UTC, minutes: integer. utc_time: timestamp without time zone, of UTC. #}
{% macro utc_offset_minutes(utc_time, timezone) -%}
    cast({{ microseconds_between(utc_time, '((' ~ utc_time ~ " at time zone 'UTC') at time zone " ~ timezone ~ ')') }} / 60000000 as integer)
{%- endmacro %}

{# Minutes after midnight of a time on the wall: HH:MM. #}
{% macro wall_minutes(time) -%}
    (60 * cast(left({{ time }}, 2) as integer) + cast(right({{ time }}, 2) as integer))
{%- endmacro %}

{# Pre-hook of the pieces: they all go where the parameters have changed, or "now" has come too near to their end. #}
{% macro forget_short_business_time() -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    {%- if not last_mark().is_outdated %}
    where (select max(pieces.utc_date) from {{ this }} as pieces) < {{ business_time_end(as_of()) }} - 1
    {%- endif %}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{# Value of the first stretch of a clock that fulfils a condition; inside a `group by` of its stretches. #}
{% macro first_stretch(value, where) -%}
    (array_agg({{ value }} order by stretch_number) filter (where {{ where }}))[1]
{%- endmacro %}

{# Two columns inside a `group by` of the statuses of a ticket: how long it was in one, on the calendar and in business time. #}
{% macro seconds_in_status(status) -%}
    cast(coalesce(sum(calendar_seconds) filter (where attribute_value = '{{ status }}'), 0) as numeric(18, 6)) as {{ status }}_seconds,
    cast(
        case
            when max(calendar_id) is not null
                then coalesce(sum(business_seconds) filter (where attribute_value = '{{ status }}'), 0)
        end as numeric(18, 6)
    ) as {{ status }}_business_seconds
{%- endmacro %}

{# Tickets in the backlog at the end of each day: what has come less what has gone, inside a `group by` of days. where: of which age. #}
{% macro backlog_of(where) -%}
    cast(sum(coalesce(sum(changes.tickets_count) filter (where {{ where }}), 0)) over (
        partition by days.tenant_id order by days.backlog_date rows between unbounded preceding and current row
    ) as bigint)
{%- endmacro %}

{# Business time between two instants, each in a piece of one calendar: seconds, numeric(18, 6). #}
{% macro business_seconds(start, opening, end, closing) -%}
    {{ seconds_of('(' ~ business_time_until(end, closing) ~ ' - ' ~ business_time_until(start, opening) ~ ')') }}
{%- endmacro %}
