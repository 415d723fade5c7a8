-- grain: one row per ticket.created event
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
        {{ json_text('payload', 'source') }} as ticket_source,
        {{ json_text('payload', 'type') }} as ticket_type,
        {{ json_text('payload', 'priority') }} as priority,
        agent_id,
        session_id,
        {{ keyed_hash(json_text('payload', 'customer_id')) }} as customer_hash
    from base_events
    where event = 'ticket.created'
)

select * from final
