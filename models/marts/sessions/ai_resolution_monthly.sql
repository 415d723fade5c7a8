-- grain: one row per tenant and local month in which sessions started
with

session_days as (
    select * from {{ ref('int_session_counts_joined_daily') }}
    where dimension = 'all'
),

counted as (
    select
        tenant_id,
        {{ month_of('session_date') }} as month,
        currency,
        {{ summed_session_counts() }}
    from session_days
    group by tenant_id, {{ month_of('session_date') }}, currency
),

final as (
    select
        *,
        {{ session_rates() }}
    from counted
)

select * from final
