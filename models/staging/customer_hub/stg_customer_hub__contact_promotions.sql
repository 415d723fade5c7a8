-- grain: one row per hub.contact_promoted event
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
        {{ json_text('payload', 'k_code') }} as k_code,
        {{ json_text('payload', 'region') }} as region,
        {{ json_text('payload', 'level') }} as level
    from base_events
    where event = 'hub.contact_promoted'
)

select * from final
