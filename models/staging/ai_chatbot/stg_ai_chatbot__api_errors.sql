-- grain: one row per api.error event
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
        {{ json_text('payload', 'endpoint') }} as endpoint,
        {{ json_text('payload', 'error_type') }} as error_type,
        {{ json_text('payload', 'error_message') }} as error_message,
        session_id
    from base_events
    where event = 'api.error'
)

select * from final
