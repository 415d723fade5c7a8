-- grain: one row per tenant, local date on which sessions started, and figure that the product claims; tests excluded
with

profiles as (
    select * from {{ ref('int_sessions_profiled_daily') }}
),

days as (
    select * from {{ ref('int_days_finalized') }}
),

counted as (
    select
        tenant_id,
        session_date,
        case trait
            when 'duration_claim' then 'duration_seconds' when 'messages_claim' then 'message_count' else 'resolved_by'
        end as claim,
        cast(sum(sessions_count) as bigint) as claims_count,
        cast(coalesce(sum(sessions_count) filter (where trait_value = 'differs'), 0) as bigint) as differing_count
    from profiles
    where trait in ('duration_claim', 'messages_claim', 'resolver_claim')
    group by tenant_id, session_date, trait
),

final as (
    select
        counted.*,
        days.is_final,
        {{ ratio('differing_count', 'claims_count') }} as differing_rate
    from counted
    left join days
        on counted.tenant_id = days.tenant_id and counted.session_date = days.calendar_date
)

select * from final
