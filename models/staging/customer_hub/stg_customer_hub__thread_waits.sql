-- grain: one row per hub.thread_waiting event
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
        thread_id
    from base_events
    where event = 'hub.thread_waiting'
)

select * from final
