-- grain: one row per tenant and local date from the hub's first one on, up to as_of
with

changes as (
    select * from {{ ref('int_hub_changes_dated') }}
),

dates as (
    select * from {{ ref('int_dates_listed') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

begun as (
    select tenant_id, min(change_date) as first_date
    from changes
    group by tenant_id
),

-- Each change counts on its own date; the pool by its state at the clearing hour and at midnight.
counts as (
    select
        tenant_id, change_date as metric_date, change, count(*) as changes_count, sum(seconds) as seconds
    from changes
    where change not in ('entered_pool', 'left_pool')
    group by tenant_id, change_date, change
    union all
    select
        tenant_id, clearing_date as metric_date, change, count(*) as changes_count, null as seconds
    from changes
    where change in ('entered_pool', 'left_pool')
    group by tenant_id, clearing_date, change
    union all
    select
        tenant_id, next_date as metric_date, 'left_pool_before' as change, count(*) as changes_count, null as seconds
    from changes
    where change = 'left_pool'
    group by tenant_id, next_date
),

days as (
    select
        begun.tenant_id,
        dates.calendar_date as metric_date,
        dates.calendar_date < tenants.final_before_date as is_final
    from begun
    inner join tenants
        on begun.tenant_id = tenants.tenant_id
    inner join dates
        on
            begun.first_date <= dates.calendar_date
            and {{ current_as_of() }} > {{ local_midnight('dates.calendar_date', 'tenants.timezone') }}
),

summed as (
    select
        days.tenant_id,
        days.metric_date,
        days.is_final,
        {{ changes_counted('entered_pool') }} as entered_count,
        {{ changes_counted('left_pool') }} as left_count,
        {{ changes_counted('left_pool_before') }} as left_before_count,
        {{ changes_counted('reply') }} as replies_count,
        sum(counts.seconds) as reply_seconds_total,
        {{ changes_counted('overdue') }} as overdue_count,
        {{ changes_counted('in_time') }} as in_time_count,
        {{ changes_counted('promoted') }} as promoted_count,
        {{ changes_counted('pre_sales_fired') }} as pre_sales_fired_count,
        {{ changes_counted('pre_sales_used') }} as pre_sales_used_count,
        {{ changes_counted('after_sales_fired') }} as after_sales_fired_count,
        {{ changes_counted('after_sales_used') }} as after_sales_used_count,
        {{ changes_counted('bizdev_fired') }} as bizdev_fired_count,
        {{ changes_counted('bizdev_used') }} as bizdev_used_count
    from days
    left join counts
        on days.tenant_id = counts.tenant_id and days.metric_date = counts.metric_date
    group by days.tenant_id, days.metric_date, days.is_final
),

final as (
    select
        *,
        {{ sum_so_far('entered_count - left_count') }} as pool_count,
        {{ sum_so_far('entered_count - left_before_count') }} as pool_seen_count
    from summed
)

select * from final
