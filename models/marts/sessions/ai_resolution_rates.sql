-- grain: one row per tenant, day, week or month in which sessions started, dimension and value of it
{{ config(materialized='view') }}
with

session_days as (
    select * from {{ ref('int_session_counts_joined_daily') }}
),

dated as (
    select
        session_days.*,
        period_types.period_type,
        {{ period_of('period_types.period_type', 'session_days.session_date') }} as period_start
    from session_days
    cross join {{ period_types() }}
),

counted as (
    select
        tenant_id,
        period_type,
        period_start,
        dimension,
        dimension_value,
        currency,
        {{ summed_session_counts() }}
    from dated
    group by tenant_id, period_type, period_start, dimension, dimension_value, currency
),

final as (
    select
        *,
        {{ session_rates() }}
    from counted
)

select * from final
