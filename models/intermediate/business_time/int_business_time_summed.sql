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
    select * from {{ ref('int_calendars_merged') }}
),

calendars as (
    select * from {{ ref('business_calendars') }}
),

dates as (
    select * from {{ ref('int_dates_listed') }}
),

-- distinct: a calendar has many opening hours.
days as (
    select distinct
        calendars.tenant_id,
        calendars.calendar_id,
        dates.calendar_date as utc_date
    from calendars
    cross join dates
),

-- Days begin closed where nothing opens at midnight.
pieces as (
    select
        tenant_id,
        calendar_id,
        utc_date,
        opened_time as began_time,
        closed_time as open_until_time
    from opened
    union all
    select
        days.tenant_id,
        days.calendar_id,
        days.utc_date,
        cast(days.utc_date as timestamp) as began_time,
        cast(days.utc_date as timestamp) as open_until_time
    from days
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
        {% if is_incremental() %}
        -- None are made while there are some.
        and not exists (select 1 from {{ this }})
        {% endif %}
)

select * from final
