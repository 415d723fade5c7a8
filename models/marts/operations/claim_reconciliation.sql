-- grain: one row per tenant, local date, and figure that a product claims of sessions, handlings, shifts or tickets
with

counted as (
    select * from {{ ref('int_claims_counted_daily') }}
),

days as (
    select * from {{ ref('int_days_finalized') }}
),

final as (
    select
        counted.*,
        days.is_final,
        {{ ratio('differing_count', 'claims_count') }} as differing_rate
    from counted
    left join days
        on counted.tenant_id = days.tenant_id and counted.claim_date = days.calendar_date
    where counted.claims_count > 0
)

select * from final
