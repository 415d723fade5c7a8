-- grain: one row per tenant and session
with

sessions as (
    select * from {{ ref('fct_sessions') }}
),

operations as (
    select * from {{ ref('int_session_operations_listed') }}
),

handlings as (
    select * from {{ ref('fct_agent_handlings') }}
),

-- Looked up row by row: a page of conversations shall cost a page, and joined lists would be made of all of them first.
final as (
    select
        sessions.tenant_id,
        sessions.session_id,
        sessions.session_date,
        sessions.started_at,
        sessions.ended_at,
        sessions.outcome,
        sessions.outcome_reason,
        sessions.channel,
        sessions.site,
        sessions.intent,
        (
            select string_agg(distinct operations.operation_name, ', ' order by operations.operation_name)
            from operations
            where
                operations.tenant_id = sessions.tenant_id
                and operations.session_id = sessions.session_id
                and operations.operation_type = 'routing'
        ) as ai_agents,
        (
            select string_agg(distinct handlings.agent_id, ', ' order by handlings.agent_id)
            from handlings
            where handlings.tenant_id = sessions.tenant_id and handlings.session_id = sessions.session_id
        ) as human_agents,
        sessions.currency,
        sessions.is_test,
        sessions.is_escalated,
        sessions.is_last_feedback_helpful,
        sessions.duration_seconds,
        sessions.user_turns_count + sessions.ai_turns_count + sessions.agent_messages_count as turns_count,
        sessions.user_turns_count,
        sessions.ai_turns_count,
        sessions.agent_messages_count,
        sessions.last_rating_score,
        cast(sessions.token_cost_amount + sessions.api_cost_amount as numeric(18, 6)) as ai_cost_amount,
        sessions.human_cost_amount,
        sessions.cost_amount
    from sessions
)

select * from final
