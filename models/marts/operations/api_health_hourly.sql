-- grain: one row per tenant, local date, hour and workflow or endpoint; test sessions excluded
with

operations as (
    select * from {{ ref('int_operations_counted_daily') }}
),

outside_errors as (
    select * from {{ ref('int_api_errors_counted_hourly') }}
),

days as (
    select * from {{ ref('int_days_finalized') }}
),

counted as (
    select
        tenant_id, operation_date as call_date, span_started_at as hour_started_at, operation_name as endpoint,
        case when operation_type = 'workflow' then 'workflow' else 'endpoint' end as endpoint_type,
        case when operation_type = 'workflow' then operations_count else 0 end as calls_count,
        case when operation_type = 'workflow' then failed_count else 0 end as failed_calls_count,
        case when operation_type = 'workflow' then 0 else operations_count end as errors_count,
        timed_count, response_time_ms_total, p50_response_time_ms, p95_response_time_ms
    from operations
    where is_hourly
    union all
    select
        tenant_id, error_date as call_date, hour_started_at, endpoint,
        'endpoint' as endpoint_type, 0 as calls_count, 0 as failed_calls_count, errors_count,
        0 as timed_count, null as response_time_ms_total, null as p50_response_time_ms, null as p95_response_time_ms
    from outside_errors
),

-- Errors in and outside of sessions are added up; only workflows are timed, and stand in one row alone.
summed as (
    select
        tenant_id,
        call_date,
        hour_started_at,
        endpoint_type,
        endpoint,
        cast(sum(calls_count) as bigint) as calls_count,
        cast(sum(failed_calls_count) as bigint) as failed_calls_count,
        cast(sum(errors_count) as bigint) as errors_count,
        cast(sum(timed_count) as bigint) as timed_calls_count,
        cast(sum(response_time_ms_total) as bigint) as response_time_ms_total,
        max(p50_response_time_ms) as p50_response_time_ms,
        max(p95_response_time_ms) as p95_response_time_ms
    from counted
    group by tenant_id, call_date, hour_started_at, endpoint_type, endpoint
),

final as (
    select
        summed.*,
        days.is_final,
        {{ ratio('failed_calls_count', 'calls_count') }} as failure_rate,
        {{ ratio('response_time_ms_total', 'timed_calls_count') }} as avg_response_time_ms
    from summed
    left join days
        on summed.tenant_id = days.tenant_id and summed.call_date = days.calendar_date
)

select * from final
