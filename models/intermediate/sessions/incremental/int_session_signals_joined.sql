-- grain: one row per tenant and session: the signals that decide its outcome
with

sessions as (
    select * from {{ ref('int_sessions_bounded') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

described as (
    select * from {{ ref('int_sessions_described') }}
),

answered as (
    select * from {{ ref('int_sessions_answered') }}
),

failed as (
    select * from {{ ref('int_sessions_failed') }}
),

escalated as (
    select * from {{ ref('int_sessions_escalated') }}
),

joined_by_agents as (
    select * from {{ ref('int_sessions_joined_by_agents') }}
),

judged as (
    select * from {{ ref('int_sessions_judged') }}
),

final as (
    select
        sessions.tenant_id,
        sessions.session_id,
        sessions.is_open,
        sessions.start_event_id,
        sessions.last_event_id,
        coalesce(described.is_test, false) as is_test,
        coalesce(answered.user_turns_count, 0) as user_turns_count,
        coalesce(answered.ai_turns_count, 0) as ai_turns_count,
        coalesce(answered.substantive_answers_count, 0) as substantive_answers_count,
        answered.last_turn_role,
        answered.is_last_turn_fallback,
        answered.last_turn_event_id,
        answered.last_substantive_answer_event_id,
        failed.last_failure,
        failed.last_failure_event_id,
        coalesce(failed.is_failure_last, false) as is_failure_last,
        escalated.first_escalation_event_id,
        escalated.is_handover_accepted,
        joined_by_agents.first_agent_step,
        joined_by_agents.first_agent_step_event_id,
        judged.last_feedback_event_id,
        judged.last_ai_rating_event_id,
        judged.is_last_feedback_helpful,
        -- An explicit feedback outranks a rating.
        case when judged.is_last_feedback_helpful is null then judged.last_ai_rating_score end as deciding_score
    from sessions
    left join described
        on sessions.tenant_id = described.tenant_id and sessions.session_id = described.session_id
    left join answered
        on sessions.tenant_id = answered.tenant_id and sessions.session_id = answered.session_id
    left join failed
        on sessions.tenant_id = failed.tenant_id and sessions.session_id = failed.session_id
    left join escalated
        on sessions.tenant_id = escalated.tenant_id and sessions.session_id = escalated.session_id
    left join joined_by_agents
        on sessions.tenant_id = joined_by_agents.tenant_id and sessions.session_id = joined_by_agents.session_id
    left join judged
        on sessions.tenant_id = judged.tenant_id and sessions.session_id = judged.session_id
)

select * from final
