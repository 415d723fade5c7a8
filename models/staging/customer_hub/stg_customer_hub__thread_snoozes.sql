-- grain: one row per hub.thread_snoozed event
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
        {{ json_timestamp('payload', 'until') }} as snoozed_until_at
    from base_events
    where event = 'hub.thread_snoozed'
)

select * from final
