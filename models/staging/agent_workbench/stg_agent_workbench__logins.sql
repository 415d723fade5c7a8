-- grain: one row per agent.login event
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
        agent_id,
        {{ keyed_hash(json_text('payload', 'agent_name')) }} as agent_name_hash
    from base_events
    where event = 'agent.login'
)

select * from final
