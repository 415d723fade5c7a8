-- grain: one row per session.message event
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
        {{ json_text('payload', 'role') }} as role,
        {{ json_int('payload', 'message_length') }} as message_length,
        {{ json_int('payload', 'response_time_ms') }} as response_time_ms,
        {{ json_text('payload', 'message_id') }} as message_id,
        coalesce({{ json_bool('payload', 'is_fallback') }}, false) as is_fallback,
        {{ json_text('payload', 'text') }} as text
    from base_events
    where event = 'session.message'
)

select * from final
