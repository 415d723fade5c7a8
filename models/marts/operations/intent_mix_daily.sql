-- grain: one row per tenant, local date on which sessions started and their last intent; test sessions excluded
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
        profiles.trait_value as intent,
        profiles.sessions_count as intent_sessions_count,
        session_days.sessions_count,
        {{ ratio('profiles.sessions_count', 'session_days.sessions_count') }} as intent_share,
        session_days.is_final
    from profiles
    inner join session_days using (tenant_id, session_date)
    where profiles.trait = 'intent'
)

select * from final
