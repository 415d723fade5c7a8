-- grain: one row per tenant, local date and hour in which sessions began to wait for a human, or ceased to; no tests
with

hours as (
    select * from {{ ref('int_queue_waits_counted_hourly') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

final as (
    select
        tenant_id,
        hours.queue_date,
        hours.hour_started_at,
        hours.entered_count,
        hours.turned_down_count,
        hours.taken_over_count,
        hours.answered_count,
        hours.given_up_count,
        hours.entered_count - hours.taken_over_count - hours.answered_count - hours.given_up_count
            as still_waiting_count,
        hours.left_count,
        -- Whoever came and has not gone by the end of the hour.
        cast(
            sum(hours.entered_count - hours.left_count) over (
                partition by tenant_id order by hours.hour_started_at, hours.queue_date
            ) as bigint
        ) as waiting_at_end_count,
        cast(hours.wait_seconds_total as numeric(18, 6)) as wait_seconds_total,
        {{ ratio('hours.wait_seconds_total', 'hours.taken_over_count + hours.answered_count') }} as avg_wait_seconds,
        hours.p90_wait_seconds,
        cast(hours.longest_wait_seconds as numeric(18, 6)) as longest_wait_seconds,
        {{ ratio('hours.abandoned_wait_seconds_total', 'hours.given_up_count') }} as avg_abandoned_wait_seconds,
        {{
            ratio(
                'hours.given_up_count', 'hours.taken_over_count + hours.answered_count + hours.given_up_count'
            )
        }} as queue_abandonment_rate,
        hours.queue_date < tenants.final_before_date
        and hours.entered_count = hours.taken_over_count + hours.answered_count + hours.given_up_count as is_final
    from hours
    inner join tenants using (tenant_id)
)

select * from final
