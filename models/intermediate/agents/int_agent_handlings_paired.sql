-- grain: one row per takeover of a session by an agent, with the end of the hold
with

takeovers as (
    select * from {{ ref('stg_agent_workbench__session_takeovers') }}
),

releases as (
    select * from {{ ref('stg_agent_workbench__session_releases') }}
),

transfers as (
    select * from {{ ref('stg_agent_workbench__session_transfers') }}
),

session_ends as (
    select * from {{ ref('stg_ai_chatbot__session_ends') }}
),

escalations as (
    select * from {{ ref('stg_ai_chatbot__session_escalations') }}
),

steps as (
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'takeover' as step from takeovers
    union all
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'release' as step from releases
    union all
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'transfer' as step from transfers
    union all
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq, null as agent_id, 'session_end' as step
    from session_ends
    union all
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq, null as agent_id, 'escalation' as step
    from escalations
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
