-- grain: one row per agent.logout event
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
        {{ json_float('payload', 'work_duration_minutes') }} as reported_work_minutes,
        {{ json_int('payload', 'sessions_handled') }} as reported_sessions_handled_count
    from base_events
    where event = 'agent.logout'
)

select * from final
