-- grain: one row per takeover of a session by an agent, with the end of the hold
with

steps as (
    select * from {{ ref('int_session_steps_unioned') }}
    {{ only_touched_in_view(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

-- Escalations and the takeover that answers them share a number: how many takeovers came before.
numbered as (
    select
        *,
        count(*) filter (where step = 'takeover') over (
            partition by tenant_id, session_id
            order by occurred_at, emitter_id nulls last, seq nulls last, event_id
            rows between unbounded preceding and 1 preceding
        ) as takeovers_before_count
    from steps
),

waited as (
    select
        *,
        min(occurred_at) filter (where step = 'escalation') over (
            partition by tenant_id, session_id, takeovers_before_count
        ) as escalated_at
    from numbered
),

-- The next takeover ends the hold as well: the session has left the agent.
held as (
    select
        *,
        lead(step) over session_order as end_source,
        lead(occurred_at) over session_order as ended_at
    from waited
    where step != 'escalation'
    window session_order as (
        partition by tenant_id, session_id order by occurred_at, emitter_id nulls last, seq nulls last, event_id
    )
),

final as (
    select
        event_id as takeover_event_id,
        tenant_id,
        session_id,
        agent_id,
        escalated_at,
        occurred_at as taken_over_at,
        ended_at,
        end_source,
        coalesce(end_source = 'transfer', false) as is_transferred,
        {{ seconds_between('escalated_at', 'occurred_at') }} as wait_seconds,
        {{ seconds_between('occurred_at', 'ended_at') }} as handle_seconds
    from held
    where step = 'takeover'
)

select * from final
