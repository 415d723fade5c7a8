-- grain: one row per session.feedback event
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
        {{ json_text('payload', 'session_id') }} as session_id,
        {{ json_bool('payload', 'helpful') }} as is_helpful
    from base_events
    where event = 'session.feedback'
)

select * from final
