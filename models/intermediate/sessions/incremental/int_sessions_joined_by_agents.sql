-- grain: one row per tenant and session in which a human agent took over or wrote
with

session_takeovers as (
    select * from {{ ref('stg_agent_workbench__session_takeovers') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

agent_messages as (
    select * from {{ ref('stg_agent_workbench__session_messages') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

agent_steps as (
    select event_id, tenant_id, session_id, occurred_at, emitter_id, seq, 'agent_took_over' as agent_step
    from session_takeovers
    union all
    select event_id, tenant_id, session_id, occurred_at, emitter_id, seq, 'agent_wrote' as agent_step
    from agent_messages
),

final as (
    select
        tenant_id,
        session_id,
        min(occurred_at) as first_agent_step_at,
        {{ first_of('event_id') }} as first_agent_step_event_id,
        {{ first_of('agent_step') }} as first_agent_step,
        min(occurred_at) filter (where agent_step = 'agent_took_over') as first_takeover_at,
        count(*) filter (where agent_step = 'agent_wrote') as agent_messages_count
    from agent_steps
    group by tenant_id, session_id
)

select * from final
