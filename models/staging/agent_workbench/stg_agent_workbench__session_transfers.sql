-- grain: one row per agent.session_transfer event
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
        {{ json_text('payload', 'target_agent_id') }} as target_agent_id,
        {{ json_text('payload', 'reason') }} as transfer_reason
    from base_events
    where event = 'agent.session_transfer'
)

select * from final
