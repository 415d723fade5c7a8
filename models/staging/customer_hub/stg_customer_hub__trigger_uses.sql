-- grain: one row per hub.trigger_used event
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
        {{ json_text('payload', 'trigger_id') }} as trigger_id,
        thread_id
    from base_events
    where event = 'hub.trigger_used'
)

select * from final
