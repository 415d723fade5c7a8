-- grain: one row per tenant, session and local date with order or tracking queries; those of test sessions are marked
with

order_queries as (
    select * from {{ ref('stg_ai_chatbot__order_queries') }}
    {{ only_touched_in_view(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tracking_queries as (
    select * from {{ ref('stg_ai_chatbot__tracking_queries') }}
    {{ only_touched_in_view(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

sessions as (
    select * from {{ ref('int_sessions_described') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

queries as (
    select tenant_id, session_id, occurred_at, 'order' as query_type, is_successful
    from order_queries
    union all
    select tenant_id, session_id, occurred_at, 'tracking' as query_type, is_successful
    from tracking_queries
),

dated as (
    select
        queries.*,
        {{ local_date('queries.occurred_at', 'tenants.timezone') }} as query_date,
        coalesce(sessions.is_test, false) as is_test
    from queries
    inner join tenants
        on queries.tenant_id = tenants.tenant_id
    left join sessions
        on queries.tenant_id = sessions.tenant_id and queries.session_id = sessions.session_id
),

final as (
    select
        tenant_id,
        session_id,
        query_date,
        is_test,
        count(*) filter (where query_type = 'order') as order_queries_count,
        count(*) filter (where query_type = 'order' and is_successful) as successful_order_queries_count,
        count(*) filter (where query_type = 'tracking') as tracking_queries_count,
        count(*) filter (where query_type = 'tracking' and is_successful) as successful_tracking_queries_count
    from dated
    group by tenant_id, session_id, query_date, is_test
)

select * from final
