-- grain: one row per tenant and session: the signals that decide its outcome
with

conversations as (
    select * from {{ ref('int_session_conversations_joined') }}
),

handovers as (
    select * from {{ ref('int_session_handovers_joined') }}
),

final as (
    select
        tenant_id,
        session_id,
        conversations.is_open,
        conversations.start_event_id,
        conversations.last_event_id,
        conversations.is_test,
        conversations.user_turns_count,
        conversations.ai_turns_count,
        conversations.substantive_answers_count,
        conversations.last_turn_role,
        conversations.is_last_turn_fallback,
        conversations.last_turn_event_id,
        conversations.last_substantive_answer_event_id,
        conversations.last_failure,
        conversations.last_failure_event_id,
        conversations.is_failure_last,
        handovers.first_escalation_event_id,
        handovers.is_handover_accepted,
        handovers.first_agent_step,
        handovers.first_agent_step_event_id,
        handovers.last_feedback_event_id,
        handovers.last_ai_rating_event_id,
        handovers.is_last_feedback_helpful,
        -- An explicit feedback outranks a rating.
        case when handovers.is_last_feedback_helpful is null then handovers.last_ai_rating_score end as deciding_score
    from conversations
    inner join handovers using (tenant_id, session_id)
)

select * from final
