-- grain: one row per step of a session, and per cost in it, which is no step
with

turns as (
    select * from {{ ref('int_session_turns_unioned') }}
),

operation_steps as (
    select * from {{ ref('int_session_operation_steps_unioned') }}
),

handover_steps as (
    select * from {{ ref('int_session_handover_steps_unioned') }}
),

costs as (
    select * from {{ ref('int_session_costs_unioned') }}
),

final as (
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, step_type, actor_type, agent_id, detail,
        cast(null as boolean) as is_successful, response_time_ms, message_length, masked_text,
        cast(null as numeric(18, 6)) as cost_amount, false as is_unpriced
    from turns
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, step_type, actor_type, null as agent_id, detail,
        is_successful, response_time_ms, null as message_length, null as masked_text,
        null as cost_amount, false as is_unpriced
    from operation_steps
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, step_type, actor_type, agent_id, detail,
        is_successful, null as response_time_ms, message_length, null as masked_text,
        null as cost_amount, false as is_unpriced
    from handover_steps
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'cost' as step_type, 'ai' as actor_type, null as agent_id, null as detail,
        null as is_successful, null as response_time_ms, null as message_length, null as masked_text,
        cost_amount, is_unpriced
    from costs
)

select * from final
