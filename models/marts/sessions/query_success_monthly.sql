-- grain: one row per tenant and local month with order or tracking queries; test sessions excluded
{{ config(materialized='view') }}
with

operation_days as (
    select * from {{ ref('int_operations_counted_daily') }}
),

counted as (
    select
        tenant_id,
        {{ month_of('operation_date') }} as month,
        {{ summed_operations('operations_count', 'order_query') }} as order_queries_count,
        {{ summed_operations('successful_count', 'order_query') }} as successful_order_queries_count,
        {{ summed_operations('operations_count', 'tracking_query') }} as tracking_queries_count,
        {{ summed_operations('successful_count', 'tracking_query') }} as successful_tracking_queries_count
    from operation_days
    where operation_type in ('order_query', 'tracking_query')
    group by tenant_id, {{ month_of('operation_date') }}
),

final as (
    select
        *,
        {{ ratio('successful_order_queries_count', 'order_queries_count') }} as order_query_success_rate,
        {{ ratio('successful_tracking_queries_count', 'tracking_queries_count') }} as tracking_query_success_rate
    from counted
)

select * from final
