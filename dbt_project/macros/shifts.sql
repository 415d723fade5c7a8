{# The seconds of stretches of a shift under a condition: numeric(18, 6), 0 without any. Use over `seconds`. #}
{% macro shift_seconds(condition) -%}
    cast(coalesce(sum(seconds) filter (where {{ condition }}), 0) as numeric(18, 6))
{%- endmacro %}

{# What stretches of a shift with `status`, `in_hand_count` and `seconds` come to. #}
{% macro shift_sums() -%}
    cast(sum(seconds) as numeric(18, 6)) as work_seconds,
    {{ shift_seconds("status = 'online'") }} as online_seconds,
    {{ shift_seconds("status = 'busy'") }} as busy_seconds,
    {{ shift_seconds("status = 'away'") }} as away_seconds,
    {{ shift_seconds("status = 'break'") }} as break_seconds,
    {{ shift_seconds("status = 'offline'") }} as offline_seconds,
    {{ shift_seconds("coalesce(status, 'none') not in ('online', 'busy', 'away', 'break', 'offline')") }} as unknown_seconds,
    {{ shift_seconds("status in ('online', 'busy')") }} as on_queue_seconds,
    {{ shift_seconds('in_hand_count > 0') }} as held_seconds,
    {{ shift_seconds("in_hand_count > 0 and status in ('online', 'busy')") }} as occupied_seconds,
    cast(sum(seconds * in_hand_count) as numeric(18, 6)) as session_seconds,
    cast(max(in_hand_count) as bigint) as peak_concurrency,
    count(*) filter (where is_first_takeover) as taken_sessions_count
{%- endmacro %}

{#
    Steps of agents, and of the sessions in their hands: a `takeover`, and as a `sign` of life the last that was done with the session.

    steps: CTE of int_agent_steps_thinned; handlings: CTE of fct_agent_handlings.
#}
{% macro steps_with_handlings(steps, handlings) -%}
    {%- set nothing = 'null as from_status, null as to_status, null as reported_work_minutes, null as reported_sessions_handled_count' -%}
    select
        event_id, tenant_id, agent_id, occurred_at, emitter_id, seq, step,
        from_status, to_status, reported_work_minutes, reported_sessions_handled_count,
        cast(null as text) as session_id, cast(null as timestamptz) as hold_ended_at
    from {{ steps }}
    union all
    select
        takeover_event_id as event_id, tenant_id, agent_id, taken_over_at as occurred_at, null as emitter_id, null as seq, 'takeover' as step,
        {{ nothing }}, session_id, ended_at as hold_ended_at
    from {{ handlings }}
    union all
    select
        takeover_event_id as event_id, tenant_id, agent_id, last_sign_at as occurred_at, null as emitter_id, null as seq, 'sign' as step,
        {{ nothing }}, null as session_id, null as hold_ended_at
    from {{ handlings }}
{%- endmacro %}
