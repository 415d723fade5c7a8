-- grain: one row per session.rating event
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
        {{ json_int('payload', 'score') }} as score,
        {{ json_text('payload', 'rated') }} as rated,
        {{ json_int('payload', 'comment_length') }} as comment_length
    from base_events
    where event = 'session.rating'
)

select * from final
