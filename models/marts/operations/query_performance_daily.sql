-- grain: one row per tenant, local date, query type and site or carrier that was asked; test sessions excluded
with

operations as (
    select * from {{ ref('int_operations_counted_daily') }}
),

days as (
    select * from {{ ref('int_days_finalized') }}
),

queries as (
    select
        *,
        case operation_type when 'order_query' then 'order' else 'tracking' end as query_type,
        cast(sum(operations_count) over (partition by tenant_id, operation_date, operation_type) as bigint)
            as all_queries_count
    from operations
    where operation_type in ('order_query', 'tracking_query')
),

final as (
    select
        queries.tenant_id,
        operation_date as query_date,
        query_type,
        operation_name as site_or_carrier,
        sessions_count,
        operations_count as queries_count,
        all_queries_count,
        successful_count as successful_queries_count,
        timed_count as timed_queries_count,
        response_time_ms_total,
        {{ ratio('operations_count', 'all_queries_count') }} as query_share,
        {{ ratio('successful_count', 'operations_count') }} as success_rate,
        {{ ratio('response_time_ms_total', 'timed_count') }} as avg_response_time_ms,
        p50_response_time_ms,
        p95_response_time_ms,
        days.is_final
    from queries
    left join days
        on queries.tenant_id = days.tenant_id and queries.operation_date = days.calendar_date
)

select * from final
