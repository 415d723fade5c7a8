-- grain: one row per ticket.assigned event
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
        {{ json_text('payload', 'to_agent_id') }} as to_agent_id,
        {{ json_text('payload', 'from_agent_id') }} as from_agent_id
    from base_events
    where event = 'ticket.assigned'
)

select * from final
