-- grain: one row per tenant, local date of the start, trait of a session, its value, and touch where it is asked for
{{
    config(
        pre_hook="{{ forget_touched_days('session', 'tenant_id, session_date') }}",
    )
}}
with

sessions as (
    select * from {{ ref('fct_sessions') }}
    {{ only_touched_days('session', 'tenant_id, session_date') }}
),

described as (
    select
        *,
        case when has_human_touch then 'human_touched' else 'ai_only' end as touch,
        cast(last_rating_score as text) as score,
        case is_last_feedback_helpful when true then 'helpful' when false then 'not_helpful' end as feedback,
        {{ duration_claim() }} as duration_claim,
        {{ messages_claim() }} as messages_claim,
        {{ resolver_claim() }} as resolver_claim
    from sessions
    where not is_test
),

counted as (
    select
        tenant_id,
        session_date,
        touch,
        case
            when grouping(channel) = 0 then 'channel'
            when grouping(site) = 0 then 'site'
            when grouping(intent) = 0 then 'intent'
            when grouping(escalation_reason) = 0 then 'escalation_reason'
            when grouping(escalation_keyword) = 0 then 'escalation_keyword'
            when grouping(escalation_severity) = 0 then 'escalation_severity'
            when grouping(score) = 0 then 'score'
            when grouping(feedback) = 0 then 'feedback'
            when grouping(duration_claim) = 0 then 'duration_claim'
            when grouping(messages_claim) = 0 then 'messages_claim'
            when grouping(resolver_claim) = 0 then 'resolver_claim'
            else 'touch'
        end as trait,
        -- All columns but that of the trait are null.
        coalesce(
            channel, site, intent, escalation_reason, escalation_keyword, escalation_severity,
            score, feedback, duration_claim, messages_claim, resolver_claim
        ) as trait_value,
        count(*) as sessions_count
    from described
    group by
        tenant_id, session_date,
        grouping sets (
            (channel), (site), (intent), (escalation_reason), (escalation_keyword), (escalation_severity),
            (touch), (touch, score), (touch, feedback),
            (duration_claim), (messages_claim), (resolver_claim)
        )
),

final as (
    select
        tenant_id,
        session_date,
        trait,
        coalesce(trait_value, touch) as trait_value,
        coalesce(touch, 'any') as touch,
        sessions_count
    from counted
    -- A session without the trait counts in the sessions of the day alone.
    where trait_value is not null or trait = 'touch'
)

select * from final
