-- grain: one row per tenant and session: hand-over to humans, the customer's judgement, the product's claims
with

sessions as (
    select * from {{ ref('int_sessions_bounded') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
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

claimed as (
    select * from {{ ref('int_sessions_claimed') }}
),

handling_days as (
    select * from {{ ref('int_session_handlings_summed_daily') }}
    {{ only_touched_of_kept(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

handled as (
    select
        tenant_id,
        session_id,
        sum(handle_seconds_total) as handle_seconds_total
    from handling_days
    group by tenant_id, session_id
),

final as (
    select
        tenant_id,
        session_id,
        escalated.first_escalated_at is not null as is_escalated,
        escalated.first_escalated_at,
        escalated.first_escalation_event_id,
        escalated.is_handover_accepted,
        escalated.escalation_reason,
        escalated.escalation_severity,
        escalated.escalation_keyword,
        joined_by_agents.first_takeover_at is not null as is_taken_over,
        joined_by_agents.first_agent_step_at is not null as has_human_touch,
        joined_by_agents.first_takeover_at,
        joined_by_agents.first_agent_step,
        joined_by_agents.first_agent_step_event_id,
        case
            when joined_by_agents.first_takeover_at >= escalated.first_escalated_at
                then {{ seconds_between('escalated.first_escalated_at', 'joined_by_agents.first_takeover_at') }}
        end as wait_seconds,
        coalesce(joined_by_agents.agent_messages_count, 0) as agent_messages_count,
        handled.handle_seconds_total,
        judged.is_last_feedback_helpful,
        judged.last_feedback_event_id,
        judged.last_rating_score,
        judged.last_ai_rating_score,
        judged.last_ai_rating_event_id,
        claimed.end_reason,
        claimed.reported_duration_seconds,
        claimed.reported_message_count,
        claimed.reported_resolved_by
    from sessions
    left join escalated using (tenant_id, session_id)
    left join joined_by_agents using (tenant_id, session_id)
    left join handled using (tenant_id, session_id)
    left join judged using (tenant_id, session_id)
    left join claimed using (tenant_id, session_id)
)

select * from final
