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
        {{ json_text('payload', 'agent_id') }} as agent_id,
        {{ json_text('payload', 'session_id') }} as session_id,
        {{ json_text('payload', 'target_agent_id') }} as target_agent_id,
        {{ json_text('payload', 'reason') }} as transfer_reason
    from base_events
    where event = 'agent.session_transfer'
)

select * from final
