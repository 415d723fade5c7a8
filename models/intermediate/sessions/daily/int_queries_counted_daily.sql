-- grain: one row per tenant and local date with order or tracking queries; test sessions excluded
{{
    config(
        pre_hook="{{ forget_touched_days('session', 'tenant_id, query_date') }}",
    )
}}
with

session_days as (
    select * from {{ ref('int_session_queries_counted_daily') }}
    {{ only_touched_days('session', 'tenant_id, query_date') }}
),

final as (
    select
        tenant_id,
        query_date,
        cast(sum(order_queries_count) as bigint) as order_queries_count,
        cast(sum(successful_order_queries_count) as bigint) as successful_order_queries_count,
        cast(sum(tracking_queries_count) as bigint) as tracking_queries_count,
        cast(sum(successful_tracking_queries_count) as bigint) as successful_tracking_queries_count
    from session_days
    where not is_test
    group by tenant_id, query_date
)

select * from final
