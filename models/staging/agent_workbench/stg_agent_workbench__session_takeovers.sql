-- grain: one row per agent.session_takeover event
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
        {{ json_float('payload', 'wait_duration_seconds') }} as reported_wait_seconds
    from base_events
    where event = 'agent.session_takeover'
)

select * from final
