-- grain: one row per ticket.closed event
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
        {{ json_float('payload', 'resolution_duration_hours') }} as reported_resolution_hours,
        {{ json_bool('payload', 'sla_met') }} as is_sla_met_reported
    from base_events
    where event = 'ticket.closed'
)

select * from final
