-- grain: one row per business calendar, day in UTC and stretch of it in which the calendar is open
with

calendars as (
    select * from {{ ref('business_calendars') }}
),

holidays as (
    select * from {{ ref('holidays') }}
),

dates as (
    select * from {{ ref('int_dates_listed') }}
),

zones as (
    select * from {{ ref('int_time_zones_shifted') }}
),

-- By the clock on the wall; a day early, for what is open over midnight.
openings as (
    select
        calendars.tenant_id,
        calendars.calendar_id,
        calendars.timezone,
        {{ minutes_after('cast(dates.calendar_date as timestamp)', wall_minutes('calendars.opens')) }} as opens_time,
        {{ minutes_after(
            'cast(dates.calendar_date as timestamp)',
            '(' ~ wall_minutes('calendars.closes') ~ ' + case when calendars.closes <= calendars.opens then 1440 else 0 end)'
        ) }} as closes_time
    from calendars
    inner join dates
        on
            calendars.weekday = extract(isodow from dates.calendar_date)
            and calendars.valid_from <= dates.calendar_date
            and (calendars.valid_to > dates.calendar_date or calendars.valid_to is null)
    left join holidays
        on
            calendars.tenant_id = holidays.tenant_id
            and calendars.calendar_id = holidays.calendar_id
            and dates.calendar_date = holidays.holiday
    where
        holidays.holiday is null
        and dates.calendar_date >= date '{{ var("business_time_from") }}' - 2
        and dates.calendar_date <= {{ business_time_end(current_as_of()) }} + 1
),

-- Open is when the clock shows opening hours: hours that come twice give two stretches, skipped ones none.
timed as (
    select
        openings.tenant_id,
        openings.calendar_id,
        greatest(zones.began_utc_time, {{ minutes_after('openings.opens_time', '-zones.minutes_off') }}) as opened_time,
        least(zones.ended_utc_time, {{ minutes_after('openings.closes_time', '-zones.minutes_off') }}) as closed_time
    from openings
    inner join zones
        on
            openings.timezone = zones.timezone
            and openings.opens_time < {{ minutes_after('zones.ended_utc_time', 'zones.minutes_off') }}
            and openings.closes_time > {{ minutes_after('zones.began_utc_time', 'zones.minutes_off') }}
),

days as (
    select * from (values (0), (1)) as numbers (days_later)
),

-- None of them is longer than a day, so it lies on two days at most.
cut as (
    select
        timed.tenant_id,
        timed.calendar_id,
        cast(timed.opened_time as date) + days.days_later as utc_date,
        timed.opened_time,
        timed.closed_time
    from timed
    cross join days
),

final as (
    select
        tenant_id,
        calendar_id,
        utc_date,
        greatest(opened_time, cast(utc_date as timestamp)) as opened_time,
        least(closed_time, cast(utc_date + 1 as timestamp)) as closed_time
    from cut
    where greatest(opened_time, cast(utc_date as timestamp)) < least(closed_time, cast(utc_date + 1 as timestamp))
)

select * from final
