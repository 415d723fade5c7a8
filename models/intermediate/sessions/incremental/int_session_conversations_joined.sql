-- grain: one row per tenant and session: its bounds and local date, and what customer and AI did in it
with

sessions as (
    select * from {{ ref('int_sessions_dated') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
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

assisted as (
    select * from {{ ref('int_sessions_assisted') }}
),

token_costed as (
    select * from {{ ref('int_sessions_token_costed') }}
),

final as (
    select
        sessions.*,
        described.channel,
        described.site,
        described.locale,
        described.customer_hash,
        described.intent,
        coalesce(described.is_test, false) as is_test,
        coalesce(answered.user_turns_count, 0) as user_turns_count,
        coalesce(answered.ai_turns_count, 0) as ai_turns_count,
        coalesce(answered.fallback_turns_count, 0) as fallback_turns_count,
        coalesce(answered.substantive_answers_count, 0) as substantive_answers_count,
        coalesce(answered.timed_ai_turns_count, 0) as timed_ai_turns_count,
        answered.ai_response_time_ms_total,
        answered.reopened_at,
        answered.last_answered_at,
        answered.first_ai_response_time_ms,
        answered.p95_ai_response_time_ms,
        answered.last_turn_role,
        answered.is_last_turn_fallback,
        answered.last_turn_event_id,
        answered.last_substantive_answer_event_id,
        coalesce(failed.failures_count, 0) as failures_count,
        failed.last_failure,
        failed.last_failure_event_id,
        coalesce(failed.is_failure_last, false) as is_failure_last,
        coalesce(assisted.successful_tool_attempts_count, 0) > 0 as has_successful_tool,
        coalesce(token_costed.prompt_tokens, 0) as prompt_tokens,
        coalesce(token_costed.cached_tokens, 0) as cached_tokens,
        coalesce(token_costed.completion_tokens, 0) as completion_tokens,
        -- Without usage the cost is zero; with usage that has no price at all it is unknown.
        case
            when token_costed.prompt_tokens is null then 0
            else token_costed.token_cost_amount
        end as token_cost_amount,
        coalesce(token_costed.unpriced_usages_count, 0) as unpriced_usages_count,
        coalesce(token_costed.api_calls_count, 0) as api_calls_count,
        case
            when coalesce(token_costed.api_calls_count, 0) = 0 then 0
            else token_costed.api_cost_amount
        end as api_cost_amount,
        coalesce(token_costed.unpriced_api_calls_count, 0) as unpriced_api_calls_count
    from sessions
    left join described using (tenant_id, session_id)
    left join answered using (tenant_id, session_id)
    left join failed using (tenant_id, session_id)
    left join assisted using (tenant_id, session_id)
    left join token_costed using (tenant_id, session_id)
)

select * from final
