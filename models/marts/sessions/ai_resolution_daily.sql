-- grain: one row per tenant and local date on which sessions started
with

session_days as (
    select * from {{ ref('int_session_counts_joined_daily') }}
    where dimension = 'all'
),

days as (
    select * from {{ ref('int_days_finalized') }}
),

counted as (
    select
        tenant_id,
        session_date,
        currency,
        {{ summed_session_counts() }}
    from session_days
    group by tenant_id, session_date, currency
),

final as (
    select
        counted.*,
        {{ session_rates() }},
        days.is_final
    from counted
    left join days
        on counted.tenant_id = days.tenant_id and counted.session_date = days.calendar_date
)

select * from final
