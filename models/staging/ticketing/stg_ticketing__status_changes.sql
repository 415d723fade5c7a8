-- grain: one row per ticket.status_changed event
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
        {{ json_text('payload', 'from_status') }} as from_status,
        {{ json_text('payload', 'to_status') }} as to_status,
        agent_id
    from base_events
    where event = 'ticket.status_changed'
)

select * from final
