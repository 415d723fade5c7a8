-- grain: one row per session.intent event
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
        {{ json_text('payload', 'intent') }} as intent,
        {{ json_float('payload', 'confidence') }} as confidence
    from base_events
    where event = 'session.intent'
)

select * from final
