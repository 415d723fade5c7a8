-- grain: one row per step of a session, with the number of its turn: how often the session had changed hands
{% set session_order = 'partition by tenant_id, session_id ' ~ in_event_order() %}
with

steps as (
    select * from {{ ref('int_session_steps_unioned') }}
),

-- Escalations and the takeover that answers them share a number: how many takeovers came before. What is done with a
-- session in hand shares one with the step that put it there.
numbered as (
    select
        *,
        count(*) filter (where step = 'takeover') over (
            {{ session_order }} rows between unbounded preceding and 1 preceding
        ) as takeovers_before_count,
        count(*) filter (where step in ('takeover', 'release', 'transfer', 'session_end')) over ({{ session_order }})
            as turn_number,
        count(*) filter (where step = 'takeover') over (partition by tenant_id, session_id) as takeovers_count
    from steps
),

final as (
    select
        *,
        min(occurred_at) filter (where step = 'escalation') over (
            partition by tenant_id, session_id, takeovers_before_count
        ) as escalated_at
    from numbered
)

select * from final
