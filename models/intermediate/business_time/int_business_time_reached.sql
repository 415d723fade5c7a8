-- grain: one row per open piece of a business calendar and whole day of business time that it reaches into
with

pieces as (
    select * from {{ ref('int_business_time_summed') }}
    where open_microseconds > 0
),

-- No piece is longer than a day, so it reaches into two days of business time at most.
final as (
    select
        tenant_id,
        calendar_id,
        {{ open_day_of('microseconds_before') }} as open_day,
        began_at,
        microseconds_before,
        open_microseconds
    from pieces
    union all
    select
        tenant_id,
        calendar_id,
        {{ open_day_of('(microseconds_before + open_microseconds - 1)') }} as open_day,
        began_at,
        microseconds_before,
        open_microseconds
    from pieces
    where
        {{ open_day_of('microseconds_before') }} != {{ open_day_of('(microseconds_before + open_microseconds - 1)') }}
)

select * from final
