-- grain: one row per query.order event
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
        {{ keyed_hash(json_text('payload', 'order_number')) }} as order_number_hash,
        {{ json_text('payload', 'site') }} as site,
        {{ json_bool('payload', 'success') }} as is_successful,
        {{ json_int('payload', 'response_time_ms') }} as response_time_ms,
        {{ json_text('payload', 'error_type') }} as error_type
    from base_events
    where event = 'query.order'
)

select * from final
