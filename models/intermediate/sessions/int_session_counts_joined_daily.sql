-- grain: one row per tenant, local date on which sessions started, dimension and value of it
with

session_days as (
    select * from {{ ref('int_sessions_counted_daily') }}
),

return_days as (
    select * from {{ ref('int_session_returns_counted_daily') }}
),

final as (
    select
        session_days.*,
        {{ joined_return_counts('return_days') }}
    from session_days
    left join return_days
        on
            session_days.tenant_id = return_days.tenant_id
            and session_days.session_date = return_days.session_date
            and session_days.dimension = return_days.dimension
            and session_days.dimension_value = return_days.dimension_value
)

select * from final
