-- grain: one row per agent.heartbeat event
with

base_events as (
    select * from {{ ref('base_events') }}
),

final as (
    select
        event_id,
        tenant_id,
        occurred_at,
        emitter_id,
        seq,
        agent_id
    from base_events
    where event = 'agent.heartbeat'
)

select * from final
