-- grain: one row per hub.contact_created event
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
        contact_hash,
        {{ json_text('payload', 'source') }} as contact_source
    from base_events
    where event = 'hub.contact_created'
)

select * from final
