-- grain: one row per tenant and local date of any event
with

base_events as (
    select * from {{ ref('base_events') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

last_load as (
    select max(loaded_at) as last_loaded_at from loads
),

-- distinct: a day has many events.
days as (
    select distinct
        base_events.tenant_id,
        tenants.timezone,
        {{ local_date('base_events.occurred_at', 'tenants.timezone') }} as local_date
    from base_events
    inner join tenants
        on base_events.tenant_id = tenants.tenant_id
),

final as (
    select
        days.tenant_id,
        days.local_date,
        {{ local_midnight('days.local_date + 1', 'days.timezone') }} <= {{ as_of() }}
        and {{ minutes_after(local_midnight('days.local_date + 1', 'days.timezone'), var('lateness_minutes')) }}
        <= last_load.last_loaded_at as is_day_loaded
    from days
    cross join last_load
)

select * from final
