-- grain: one row per business calendar and piece of time, which begins at a midnight in UTC or where the calendar opens
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        meta={'is_whole_after_pruning': true, 'erased_with': 'whole'}, indexes=[{'columns': ['calendar_id', 'utc_date']}],
        pre_hook="{{ forget_short_business_time() }}",
        post_hook="{{ end_model() }}",
    )
}}
with

opened as (
    select * from {{ ref('int_calendars_opened') }}
),

calendars as (
    select * from {{ ref('business_calendars') }}
),

dates as (
    select * from {{ ref('int_dates_listed') }}
),

-- Opening hours may overlap: what begins while another is open belongs to it.
compared as (
    select
        *,
        coalesce(opened_time <= max(closed_time) over earlier, false) as is_continued
    from opened
    window earlier as (
        partition by tenant_id, calendar_id, utc_date order by opened_time, closed_time
        rows between unbounded preceding and 1 preceding
    )
),

numbered as (
    select
        *,
        count(*) filter (where not is_continued) over (
            partition by tenant_id, calendar_id, utc_date order by opened_time, closed_time
            rows between unbounded preceding and current row
        ) as stretch_number
    from compared
),

pieces as (
    select tenant_id, calendar_id, utc_date, min(opened_time) as began_time, max(closed_time) as open_until_time
    from numbered
    group by tenant_id, calendar_id, utc_date, stretch_number
    union all
    -- Days begin closed where nothing opens at midnight. distinct: a calendar has many opening hours.
    select
        days.tenant_id, days.calendar_id, days.utc_date,
        cast(days.utc_date as timestamp) as began_time, cast(days.utc_date as timestamp) as open_until_time
    from (
        select distinct calendars.tenant_id, calendars.calendar_id, dates.calendar_date as utc_date
        from calendars
        cross join dates
    ) as days
    left join opened
        on
            days.tenant_id = opened.tenant_id
            and days.calendar_id = opened.calendar_id
            and days.utc_date = opened.utc_date
            and opened.opened_time = cast(opened.utc_date as timestamp)
    where opened.tenant_id is null
),

final as (
    select
        tenant_id,
        calendar_id,
        utc_date,
        began_time at time zone 'UTC' as began_at,
        coalesce(
            lead(began_time) over (partition by tenant_id, calendar_id, utc_date order by began_time),
            cast(utc_date + 1 as timestamp)
        ) at time zone 'UTC' as ended_at,
        open_until_time at time zone 'UTC' as open_until_at,
        {{ microseconds_between('began_time', 'open_until_time') }} as open_microseconds,
        cast(coalesce(sum({{ microseconds_between('began_time', 'open_until_time') }}) over (
            partition by tenant_id, calendar_id order by began_time rows between unbounded preceding and 1 preceding
        ), 0) as bigint) as microseconds_before
    from pieces
    where utc_date >= date '{{ var("business_time_from") }}' and utc_date < {{ business_time_end(as_of()) }}
        {{ unless_business_time_is_long_enough() }}
)

select * from final
