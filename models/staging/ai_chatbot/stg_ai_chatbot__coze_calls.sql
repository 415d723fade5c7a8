-- grain: one row per api.coze_call event
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
        {{ json_text('payload', 'workflow_id') }} as workflow_id,
        {{ json_int('payload', 'response_time_ms') }} as response_time_ms,
        {{ json_bool('payload', 'success') }} as is_successful
    from base_events
    where event = 'api.coze_call'
)

select * from final
