-- grain: one row per business calendar, day in UTC and stretch of it in which the calendar is open without a break
with

opened as (
    select * from {{ ref('int_calendars_opened') }}
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

final as (
    select
        tenant_id,
        calendar_id,
        utc_date,
        min(opened_time) as opened_time,
        max(closed_time) as closed_time
    from numbered
    group by tenant_id, calendar_id, utc_date, stretch_number
)

select * from final
