-- grain: one row per tenant and local month in which sessions started
with

sessions as (
    select * from {{ ref('fct_sessions') }}
),

counted as (
    select
        tenant_id,
        {{ month_of('session_date') }} as month,
        currency,
        {{ session_counts() }}
    from sessions
    group by tenant_id, {{ month_of('session_date') }}, currency
),

final as (
    select
        *,
        {{ session_rates() }}
    from counted
)

select * from final
