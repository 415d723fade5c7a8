-- grain: one row per tenant and local month with order or tracking queries; test sessions excluded
with

query_days as (
    select * from {{ ref('int_queries_counted_daily') }}
),

counted as (
    select
        tenant_id,
        {{ month_of('query_date') }} as month,
        cast(sum(order_queries_count) as bigint) as order_queries_count,
        cast(sum(successful_order_queries_count) as bigint) as successful_order_queries_count,
        cast(sum(tracking_queries_count) as bigint) as tracking_queries_count,
        cast(sum(successful_tracking_queries_count) as bigint) as successful_tracking_queries_count
    from query_days
    group by tenant_id, {{ month_of('query_date') }}
),

final as (
    select
        *,
        {{ ratio('successful_order_queries_count', 'order_queries_count') }} as order_query_success_rate,
        {{ ratio('successful_tracking_queries_count', 'tracking_queries_count') }} as tracking_query_success_rate
    from counted
)

select * from final
