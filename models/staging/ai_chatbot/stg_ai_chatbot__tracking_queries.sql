-- grain: one row per query.tracking event
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
        {{ keyed_hash(json_text('payload', 'tracking_number')) }} as tracking_number_hash,
        {{ json_text('payload', 'carrier') }} as carrier,
        {{ json_bool('payload', 'success') }} as is_successful,
        {{ json_text('payload', 'status') }} as tracking_status,
        {{ json_int('payload', 'response_time_ms') }} as response_time_ms
    from base_events
    where event = 'query.tracking'
)

select * from final
