-- grain: one row per hub.trigger_fired event
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
        thread_id,
        {{ json_text('payload', 'trigger_id') }} as trigger_id,
        {{ json_text('payload', 'trigger_type') }} as trigger_type,
        {{ json_int('payload', 'fields_filled') }} as fields_filled
    from base_events
    where event = 'hub.trigger_fired'
)

select * from final
