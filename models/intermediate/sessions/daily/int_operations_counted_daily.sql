-- grain: one row per tenant, local date, operation and name; of calls to APIs one more per hour
{{
    config(
        pre_hook="{{ forget_touched_days('session', 'tenant_id, operation_date') }}",
    )
}}
with

operations as (
    select * from {{ ref('int_session_operations_listed') }}
    {{ only_touched_days('session', 'tenant_id, operation_date') }}
),

timed as (
    select
        *,
        -- Of these the hours are asked for as well.
        case when operation_type in ('workflow', 'api_error') then hour_started_at end as api_hour
    from operations
    where not is_test
),

counted as (
    select
        tenant_id,
        operation_date,
        operation_type,
        operation_name,
        grouping(api_hour) = 0 as is_hourly,
        api_hour,
        min(hour_started_at) as span_started_at,
        count(*) as operations_count,
        count(distinct session_id) as sessions_count,
        count(*) filter (where operation_status = 'successful') as successful_count,
        count(*) filter (where operation_status = 'failed') as failed_count,
        count(*) filter (where operation_status = 'approved') as approved_count,
        count(*) filter (where operation_status = 'rejected') as rejected_count,
        count(*) filter (where operation_status = 'expired') as expired_count,
        count(response_time_ms) as timed_count,
        cast(sum(response_time_ms) as bigint) as response_time_ms_total,
        {{ percentile(0.5, 'response_time_ms') }} as p50_response_time_ms,
        {{ percentile(0.95, 'response_time_ms') }} as p95_response_time_ms
    from timed
    group by grouping sets (
        (tenant_id, operation_date, operation_type, operation_name),
        (tenant_id, operation_date, operation_type, operation_name, api_hour)
    )
),

final as (
    select
        tenant_id,
        operation_date,
        operation_type,
        operation_name,
        is_hourly,
        span_started_at,
        operations_count,
        sessions_count,
        successful_count,
        failed_count,
        approved_count,
        rejected_count,
        expired_count,
        timed_count,
        response_time_ms_total,
        p50_response_time_ms,
        p95_response_time_ms
    from counted
    where not is_hourly or api_hour is not null
)

select * from final
