-- grain: one row per session.end event
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
        {{ json_float('payload', 'duration_seconds') }} as reported_duration_seconds,
        {{ json_int('payload', 'message_count') }} as reported_message_count,
        {{ json_text('payload', 'resolved_by') }} as reported_resolved_by,
        {{ json_text('payload', 'end_reason') }} as end_reason
    from base_events
    where event = 'session.end'
)

select * from final
