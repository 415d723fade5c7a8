-- grain: one row per tenant and local date on which a session started, the AI worked, failed or was paid for
with

session_days as (
    select * from {{ ref('int_sessions_counted_daily') }}
    where dimension = 'all'
),

operation_days as (
    select * from {{ ref('int_operations_counted_daily') }}
),

error_hours as (
    select * from {{ ref('int_api_errors_counted_hourly') }}
),

usage_days as (
    select * from {{ ref('int_token_usages_summed_daily') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

-- union: a day stands once, whatever happened on it.
days as (
    select tenant_id, session_date as calendar_date from session_days
    union
    select tenant_id, operation_date as calendar_date from operation_days
    union
    select tenant_id, error_date as calendar_date from error_hours
    union
    select tenant_id, usage_date as calendar_date from usage_days
),

final as (
    select
        days.tenant_id,
        days.calendar_date,
        -- A day of usage may be one on which no session started.
        days.calendar_date < tenants.final_before_date
        and coalesce(session_days.running_sessions_count, 0) = 0 as is_final
    from days
    inner join tenants
        on days.tenant_id = tenants.tenant_id
    left join session_days
        on days.tenant_id = session_days.tenant_id and days.calendar_date = session_days.session_date
)

select * from final
