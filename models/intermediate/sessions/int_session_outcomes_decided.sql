-- grain: one row per tenant and session: its one outcome (first match wins), the reason and the evidence
{% set low_rating = var('rejecting_rating_max') %}
{% set high_rating = var('confirming_rating_min') %}
with

signals as (
    select * from {{ ref('int_session_signals_joined') }}
),

decided as (
    select
        *,
        case
            when is_test or user_turns_count = 0 then 'invalid'
            when is_open then 'open'
            when first_escalation_event_id is not null and first_agent_step is not null then 'escalated_to_human'
            when first_escalation_event_id is not null then 'escalation_failed'
            when first_agent_step is not null then 'human_takeover'
            when substantive_answers_count = 0 and last_failure is not null then 'blocked'
            when substantive_answers_count = 0 then 'unanswered'
            when not is_last_feedback_helpful or deciding_score <= {{ low_rating }} then 'rejected'
            when is_last_feedback_helpful or deciding_score >= {{ high_rating }} then 'confirmed_resolved'
            when last_turn_role = 'user' or is_last_turn_fallback or is_failure_last then 'abandoned'
            else 'assumed_resolved'
        end as outcome
    from signals
),

final as (
    select
        tenant_id,
        session_id,
        outcome,
        -- Goes up by one with every change of the rules above or of what they read; all history is decided anew then.
        1 as outcome_rule_version,
        case outcome
            when 'invalid' then case when is_test then 'test_session' else 'no_user_turn' end
            when 'open' then 'still_active'
            when 'escalated_to_human' then first_agent_step
            when 'escalation_failed' then case when is_handover_accepted then 'no_agent_joined' else 'rejected' end
            when 'human_takeover' then first_agent_step
            when 'blocked' then last_failure
            when 'unanswered' then case when ai_turns_count > 0 then 'only_fallbacks' else 'no_ai_turn' end
            when 'rejected' then case when is_last_feedback_helpful is null then 'low_rating' else 'not_helpful' end
            when 'confirmed_resolved' then case when is_last_feedback_helpful then 'helpful' else 'high_rating' end
            when 'abandoned'
                then
                    case
                        when last_turn_role = 'user' then 'user_spoke_last'
                        when is_last_turn_fallback then 'fallback_came_last'
                        else last_failure
                    end
            else 'silence_after_answer'
        end as outcome_reason,
        case outcome
            when 'invalid' then start_event_id
            when 'open' then last_event_id
            when 'escalated_to_human' then first_agent_step_event_id
            when 'escalation_failed' then first_escalation_event_id
            when 'human_takeover' then first_agent_step_event_id
            when 'blocked' then last_failure_event_id
            when 'unanswered' then last_turn_event_id
            when 'rejected' then coalesce(last_feedback_event_id, last_ai_rating_event_id)
            when 'confirmed_resolved' then coalesce(last_feedback_event_id, last_ai_rating_event_id)
            when 'abandoned'
                then
                    case
                        when last_turn_role = 'user' or is_last_turn_fallback then last_turn_event_id
                        else last_failure_event_id
                    end
            else last_substantive_answer_event_id
        end as outcome_evidence_event_id
    from decided
)

select * from final
