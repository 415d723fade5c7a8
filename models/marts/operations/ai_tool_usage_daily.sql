-- grain: one row per tenant, local date and tool that the AI called; test sessions excluded
with

operations as (
    select * from {{ ref('int_operations_counted_daily') }}
),

days as (
    select * from {{ ref('int_days_finalized') }}
),

final as (
    select
        operations.tenant_id,
        operation_date as call_date,
        operation_name as tool_name,
        sessions_count,
        operations_count as calls_count,
        successful_count as successful_calls_count,
        failed_count as failed_calls_count,
        timed_count as timed_calls_count,
        response_time_ms_total,
        {{ ratio('successful_count', 'operations_count') }} as success_rate,
        {{ ratio('response_time_ms_total', 'timed_count') }} as avg_response_time_ms,
        p50_response_time_ms,
        p95_response_time_ms,
        days.is_final
    from operations
    left join days
        on operations.tenant_id = days.tenant_id and operations.operation_date = days.calendar_date
    where operation_type = 'tool'
)

select * from final
