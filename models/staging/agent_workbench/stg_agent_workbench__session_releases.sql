-- grain: one row per agent.session_release event
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
        {{ json_text('payload', 'agent_id') }} as agent_id,
        {{ json_text('payload', 'session_id') }} as session_id,
        {{ json_float('payload', 'handle_duration_seconds') }} as reported_handle_seconds,
        {{ json_int('payload', 'message_count') }} as reported_message_count
    from base_events
    where event = 'agent.session_release'
)

select * from final
