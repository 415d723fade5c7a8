-- grain: one row per tenant, local date on which sessions started, attribute of their first escalation and its value
with

profiles as (
    select * from {{ ref('int_sessions_profiled_daily') }}
),

session_days as (
    select * from {{ ref('ai_resolution_daily') }}
),

final as (
    select
        tenant_id,
        session_date,
        case profiles.trait
            when 'escalation_reason' then 'reason' when 'escalation_keyword' then 'keyword' else 'severity'
        end as escalation_attribute,
        profiles.trait_value as attribute_value,
        profiles.sessions_count as attribute_sessions_count,
        session_days.escalated_sessions_count,
        {{ ratio('profiles.sessions_count', 'session_days.escalated_sessions_count') }} as escalation_share,
        session_days.is_final
    from profiles
    inner join session_days using (tenant_id, session_date)
    where profiles.trait in ('escalation_reason', 'escalation_keyword', 'escalation_severity')
)

select * from final
