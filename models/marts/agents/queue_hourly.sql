-- grain: one row per tenant, local date and hour in which sessions began to wait for a human, or ceased to; no tests
with

hours as (
    select * from {{ ref('int_queue_waits_counted_hourly') }}
),

final as (
    select
        tenant_id,
        queue_date,
        hour_started_at,
        entered_count,
        turned_down_count,
        taken_over_count,
        given_up_count,
        entered_count - taken_over_count - given_up_count as still_waiting_count,
        left_count,
        -- Whoever came and has not gone by the end of the hour.
        cast(
            sum(entered_count - left_count) over (partition by tenant_id order by hour_started_at, queue_date) as bigint
        ) as waiting_at_end_count,
        cast(wait_seconds_total as numeric(18, 6)) as wait_seconds_total,
        {{ ratio('wait_seconds_total', 'taken_over_count') }} as avg_wait_seconds,
        p90_wait_seconds,
        cast(longest_wait_seconds as numeric(18, 6)) as longest_wait_seconds,
        {{ ratio('abandoned_wait_seconds_total', 'given_up_count') }} as avg_abandoned_wait_seconds,
        {{ ratio('given_up_count', 'taken_over_count + given_up_count') }} as queue_abandonment_rate
    from hours
)

select * from final
