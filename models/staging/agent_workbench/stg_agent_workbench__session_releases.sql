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
        agent_id,
        session_id,
        {{ json_float('payload', 'handle_duration_seconds') }} as reported_handle_seconds,
        {{ json_int('payload', 'message_count') }} as reported_message_count
    from base_events
    where event = 'agent.session_release'
)

select * from final
