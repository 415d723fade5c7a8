-- grain: one row per tenant and local date with order or tracking queries; test sessions excluded
{{
    config(
        pre_hook="{{ forget_touched('int_session_days_touched', 'tenant_id, query_date', 'tenant_id, touched_date') }}",
    )
}}
with

queries as (
    select * from {{ ref('int_queries_dated') }}
    {{ only_touched(ref('int_session_days_touched'), 'tenant_id, query_date', 'tenant_id, touched_date') }}
),

final as (
    select
        tenant_id,
        query_date,
        count(*) filter (where query_type = 'order') as order_queries_count,
        count(*) filter (where query_type = 'order' and is_successful) as successful_order_queries_count,
        count(*) filter (where query_type = 'tracking') as tracking_queries_count,
        count(*) filter (where query_type = 'tracking' and is_successful) as successful_tracking_queries_count
    from queries
    where not is_test
    group by tenant_id, query_date
)

select * from final
