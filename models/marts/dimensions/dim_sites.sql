-- grain: one row per tenant and site from which sessions came; test sessions excluded
with

profiles as (
    select * from {{ ref('int_sessions_profiled_daily') }}
),

final as (
    select
        tenant_id,
        trait_value as site,
        min(session_date) as first_session_date,
        max(session_date) as last_session_date,
        cast(sum(sessions_count) as bigint) as sessions_count
    from profiles
    where trait = 'site'
    group by tenant_id, trait_value
)

select * from final
