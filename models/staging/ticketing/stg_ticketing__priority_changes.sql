-- grain: one row per ticket.priority_changed event
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
        ticket_id,
        {{ json_text('payload', 'from_priority') }} as from_priority,
        {{ json_text('payload', 'to_priority') }} as to_priority,
        agent_id
    from base_events
    where event = 'ticket.priority_changed'
)

select * from final
