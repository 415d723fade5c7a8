-- grain: one row per tenant and local month with order or tracking queries; test sessions excluded
with

queries as (
    select * from {{ ref('int_queries_unioned') }}
),

sessions as (
    select * from {{ ref('int_sessions_described') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

dated as (
    select
        queries.*,
        {{ month_of(local_date('queries.occurred_at', 'tenants.timezone')) }} as month
    from queries
    inner join tenants
        on queries.tenant_id = tenants.tenant_id
    left join sessions
        on queries.tenant_id = sessions.tenant_id and queries.session_id = sessions.session_id
    where sessions.is_test is not true
),

counted as (
    select
        tenant_id,
        month,
        count(*) filter (where query_type = 'order') as order_queries_count,
        count(*) filter (where query_type = 'order' and is_successful) as successful_order_queries_count,
        count(*) filter (where query_type = 'tracking') as tracking_queries_count,
        count(*) filter (where query_type = 'tracking' and is_successful) as successful_tracking_queries_count
    from dated
    group by tenant_id, month
),

final as (
    select
        *,
        {{ ratio('successful_order_queries_count', 'order_queries_count') }} as order_query_success_rate,
        {{ ratio('successful_tracking_queries_count', 'tracking_queries_count') }} as tracking_query_success_rate
    from counted
)

select * from final
