-- grain: one row per time zone of a business calendar and stretch in which its clocks are equally far from UTC
with

calendars as (
    select * from {{ ref('business_calendars') }}
),

dates as (
    select * from {{ ref('int_dates_listed') }}
),

-- distinct: a zone has many opening hours.
zones as (
    select distinct timezone from calendars
),

midnights as (
    select
        zones.timezone,
        cast(dates.calendar_date as timestamp) as utc_time
    from zones
    cross join dates
    where
        dates.calendar_date >= date '{{ var("business_time_from") }}'
        and dates.calendar_date <= {{ business_time_end(current_as_of()) }}
),

days as (
    select
        *,
        {{ utc_offset_minutes('utc_time', 'timezone') }} as day_offset,
        lead({{ utc_offset_minutes('utc_time', 'timezone') }})
            over (partition by timezone order by utc_time) as next_day_offset
    from midnights
),

-- Zones change their clocks at whole minutes. The dates serve as numbers here.
instants as (
    select timezone, cast(date '{{ var("business_time_from") }}' as timestamp) as utc_time from zones
    union all
    select
        days.timezone,
        {{ minutes_after('days.utc_time', days_between("date '2000-01-01'", 'dates.calendar_date')) }} as utc_time
    from days
    inner join dates
        on dates.calendar_date > date '2000-01-01' and dates.calendar_date <= date '2000-01-01' + 1440
    where days.day_offset != days.next_day_offset
),

compared as (
    select
        timezone,
        utc_time,
        {{ utc_offset_minutes('utc_time', 'timezone') }} as utc_offset_minutes,
        lag({{ utc_offset_minutes('utc_time', 'timezone') }})
            over (partition by timezone order by utc_time) as offset_before
    from instants
),

final as (
    select
        timezone,
        utc_time as began_utc_time,
        coalesce(
            lead(utc_time) over (partition by timezone order by utc_time), timestamp '9999-01-01 00:00:00'
        ) as ended_utc_time,
        utc_offset_minutes as minutes_off
    from compared
    where utc_offset_minutes is distinct from offset_before
)

select * from final
