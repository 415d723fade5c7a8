-- grain: one row per ai.route event
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
        session_id,
        {{ json_text('payload', 'agent_name') }} as ai_agent_name,
        {{ json_text('payload', 'reason') }} as routing_reason
    from base_events
    where event = 'ai.route'
)

select * from final
