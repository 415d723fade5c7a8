{#
    The live views read the newest loads and no clock: "now" is when the last load was written, so that they say the same until
    something comes, and how old it is. See docs/decisions/0036-live-views.md.
#}

{# When the newest load was written: timestamptz; null while there is none. loads: the relation of loads, found by their day. #}
{% macro live_now(loads) -%}
    (
        select max(loads.loaded_at) from {{ loads }} as loads
        where loads.loaded_on = (select max(newest.loaded_on) from {{ loads }} as newest)
    )
{%- endmacro %}

{# The first of the days of loads that live views read: the newest one and the one before. #}
{% macro first_live_day(loads) -%}
    (select cast(max(newest.loaded_on) - 1 as date) from {{ loads }} as newest)
{%- endmacro %}

{# Whether something happened within two days of now: the logs of years that are loaded at once hold up no live view. #}
{% macro is_of_live_days(at, loads) -%}
    {{ at }} between {{ live_now(loads) }} - interval '2 days' and {{ live_now(loads) }} + interval '2 days'
{%- endmacro %}

{# The steps by which a human agent holds a session, or ceases to: an expression over `event`. #}
{% macro live_holding_steps() -%}
    event in ('agent.session_takeover', 'agent.session_release', 'agent.session_transfer', 'session.end')
{%- endmacro %}

{# The figures of sessions, over rows of int_live_sessions_joined without tests. #}
{% macro live_session_counts() -%}
    count(*) filter (where is_active) as active_sessions_count,
    count(*) filter (where is_active and waiting_since_at is not null) as waiting_sessions_count,
    min(waiting_since_at) filter (where is_active) as waiting_since_at,
    cast(sum(recent_answers_count) as bigint) as recent_answers_count,
    cast(sum(recent_response_time_ms_total) as bigint) as recent_response_time_ms_total,
    {{ ratio('sum(recent_response_time_ms_total)', 'sum(recent_answers_count)') }} as avg_recent_response_time_ms,
    count(*) filter (where is_of_today) as today_sessions_count,
    count(*) filter (where is_of_today and is_escalated) as today_escalated_count,
    {{ ratio(
        'count(*) filter (where is_of_today and not is_escalated)', 'count(*) filter (where is_of_today)'
    ) }} as today_ai_resolution_rate
{%- endmacro %}
