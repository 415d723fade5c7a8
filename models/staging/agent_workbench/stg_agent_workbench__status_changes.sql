-- grain: one row per agent.status_change event
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
        {{ json_text('payload', 'from_status') }} as from_status,
        {{ json_text('payload', 'to_status') }} as to_status
    from base_events
    where event = 'agent.status_change'
)

select * from final
