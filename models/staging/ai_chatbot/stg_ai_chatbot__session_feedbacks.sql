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
        source_file_id,
        line_number,
        session_id,
        {{ json_bool('payload', 'helpful') }} as is_helpful
    from base_events
    where event = 'session.feedback'
)

select * from final
