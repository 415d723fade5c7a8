-- grain: one row per hub.contact_blocked event
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
        contact_hash
    from base_events
    where event = 'hub.contact_blocked'
)

select * from final
