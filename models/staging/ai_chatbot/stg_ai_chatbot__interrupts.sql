-- grain: one row per ai.interrupt event
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
        session_id,
        {{ json_text('payload', 'interrupt_id') }} as interrupt_id,
        {{ json_text('payload', 'status') }} as interrupt_status,
        {{ json_text('payload', 'action') }} as interrupt_action,
        {{ json_text('payload', 'decided_by') }} as decided_by
    from base_events
    where event = 'ai.interrupt'
)

select * from final
