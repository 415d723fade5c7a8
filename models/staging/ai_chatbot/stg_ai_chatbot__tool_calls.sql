-- grain: one row per ai.tool_call event
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
        {{ json_text('payload', 'tool_name') }} as tool_name,
        {{ json_bool('payload', 'success') }} as is_successful,
        {{ json_int('payload', 'response_time_ms') }} as response_time_ms,
        {{ json_text('payload', 'error_type') }} as error_type
    from base_events
    where event = 'ai.tool_call'
)

select * from final
