-- grain: one row per tenant and local date, from its first ticket to "now"
with

stays as (
    select * from {{ ref('int_ticket_backlog_counted_daily') }}
),

dates as (
    select * from {{ ref('int_dates_listed') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

last_load as (
    select least(max(loaded_at), {{ as_of() }}) as last_loaded_at from loads
),

firsts as (
    select tenant_id, min(created_date) as first_date
    from stays
    group by tenant_id
),

days as (
    select firsts.tenant_id, dates.calendar_date as backlog_date, tenants.timezone
    from firsts
    inner join tenants on firsts.tenant_id = tenants.tenant_id
    inner join dates
        on
            firsts.first_date <= dates.calendar_date
            and {{ local_date(as_of(), 'tenants.timezone') }} >= dates.calendar_date
),

-- Ages in whole local days: a ticket is 0 days old at the end of the day of its creation.
ages as (
    select *
    from (values (0, 1), (1, 3), (3, 7), (7, 14), (14, 30), (30, 100000)) as bounds (age_from, age_to)
),

stays_by_age as (
    select
        stays.tenant_id, stays.tickets_count, ages.age_from,
        greatest(stays.started_date, stays.created_date + ages.age_from) as from_date,
        least(stays.ended_date, stays.created_date + ages.age_to) as to_date
    from stays
    cross join ages
    where
        greatest(stays.started_date, stays.created_date + ages.age_from)
        < least(stays.ended_date, stays.created_date + ages.age_to)
),

changes as (
    select tenant_id, age_from, from_date as backlog_date, tickets_count
    from stays_by_age
    union all
    select tenant_id, age_from, to_date as backlog_date, -tickets_count as tickets_count
    from stays_by_age
),

final as (
    select
        days.tenant_id,
        days.backlog_date,
        {{ backlog_of('true') }} as open_tickets_count,
        {{ backlog_of('changes.age_from = 0') }} as aged_0_days_count,
        {{ backlog_of('changes.age_from = 1') }} as aged_1_to_2_days_count,
        {{ backlog_of('changes.age_from = 3') }} as aged_3_to_6_days_count,
        {{ backlog_of('changes.age_from = 7') }} as aged_7_to_13_days_count,
        {{ backlog_of('changes.age_from = 14') }} as aged_14_to_29_days_count,
        {{ backlog_of('changes.age_from = 30') }} as aged_30_days_or_more_count,
        coalesce(
            {{ minutes_after(local_midnight('days.backlog_date + 1', 'min(days.timezone)'), var('lateness_minutes')) }}
            <= min(last_load.last_loaded_at), false
        ) as is_final
    from days
    cross join last_load
    left join changes using (tenant_id, backlog_date)
    group by days.tenant_id, days.backlog_date
)

select * from final
