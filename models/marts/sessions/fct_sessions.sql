-- grain: one row per tenant and session
with

sessions as (
    select * from {{ ref('int_session_conversations_joined') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

outcomes as (
    select * from {{ ref('int_session_outcomes_decided') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

handovers as (
    select * from {{ ref('int_session_handovers_joined') }}
),

joined as (
    select
        tenant_id,
        session_id,
        outcomes.outcome_evidence_event_id,
        sessions.session_date,
        sessions.started_at,
        sessions.ended_at,
        sessions.first_ended_at,
        sessions.reopened_at,
        case
            when outcomes.outcome in ('confirmed_resolved', 'assumed_resolved')
                then coalesce(sessions.last_answered_at, sessions.first_ended_at)
        end as ai_resolved_at,
        sessions.last_event_at,
        handovers.first_escalated_at,
        handovers.first_takeover_at,
        outcomes.outcome, outcomes.outcome_reason, outcomes.outcome_rule_version,
        sessions.channel, sessions.site, sessions.locale,
        sessions.customer_hash, sessions.intent,
        handovers.escalation_reason, handovers.escalation_severity, handovers.escalation_keyword,
        case when sessions.has_end_event then 'event' when not sessions.is_open then 'inactivity' end as end_source,
        handovers.end_reason,
        sessions.currency,

        sessions.is_test,
        sessions.is_open, sessions.has_start_event, sessions.has_end_event, sessions.has_clock_skew,
        handovers.is_escalated, handovers.is_taken_over, handovers.has_human_touch,
        sessions.has_successful_tool,
        {{ seconds_between('sessions.started_at', 'sessions.ended_at') }} as duration_seconds,
        cast(handovers.wait_seconds as numeric(18, 6)) as wait_seconds,
        sessions.user_turns_count, sessions.ai_turns_count, sessions.fallback_turns_count,
        sessions.substantive_answers_count, handovers.agent_messages_count, sessions.failures_count,
        sessions.timed_ai_turns_count,
        sessions.ai_response_time_ms_total,
        {{ ratio('sessions.ai_response_time_ms_total', 'sessions.timed_ai_turns_count') }}
            as avg_ai_response_time_ms,
        sessions.first_ai_response_time_ms,
        sessions.p95_ai_response_time_ms,
        handovers.is_last_feedback_helpful, handovers.last_rating_score,

        sessions.prompt_tokens, sessions.cached_tokens, sessions.completion_tokens,
        cast(sessions.token_cost_amount as numeric(18, 6)) as token_cost_amount,
        sessions.unpriced_usages_count,
        sessions.api_calls_count,
        cast(sessions.api_cost_amount as numeric(18, 6)) as api_cost_amount,
        sessions.unpriced_api_calls_count,
        sessions.human_cost_per_contact_amount, sessions.human_cost_per_hour_amount,
        cast(handovers.handle_seconds_total as numeric(18, 6)) as handle_seconds_total,
        {{ human_cost('handovers.has_human_touch', 'handovers.handle_seconds_total') }} as human_cost_amount,

        handovers.reported_duration_seconds, handovers.reported_message_count, handovers.reported_resolved_by
    from sessions
    inner join outcomes using (tenant_id, session_id)
    inner join handovers using (tenant_id, session_id)
),

final as (
    select
        *,
        case
            when unpriced_usages_count = 0 and unpriced_api_calls_count = 0
                then cast(token_cost_amount + api_cost_amount + human_cost_amount as numeric(18, 6))
        end as cost_amount
    from joined
)

select * from final
