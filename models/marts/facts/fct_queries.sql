-- grain: one row per order or tracking query
with

order_queries as (
    select * from {{ ref('stg_ai_chatbot__order_queries') }}
),

tracking_queries as (
    select * from {{ ref('stg_ai_chatbot__tracking_queries') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

queries as (
    select
        event_id, tenant_id, session_id, occurred_at, source_file_id, line_number,
        'order' as query_type, order_number_hash as number_hash, site, null as carrier,
        null as tracking_status, error_type, is_successful, response_time_ms
    from order_queries
    union all
    select
        event_id, tenant_id, session_id, occurred_at, source_file_id, line_number,
        'tracking' as query_type, tracking_number_hash as number_hash, null as site, carrier,
        tracking_status, null as error_type, is_successful, response_time_ms
    from tracking_queries
),

final as (
    select
        queries.event_id,
        queries.tenant_id,
        queries.session_id,
        queries.source_file_id,
        queries.line_number,
        {{ local_date('queries.occurred_at', 'tenants.timezone') }} as query_date,
        queries.occurred_at as queried_at,
        queries.query_type,
        queries.number_hash,
        queries.site,
        queries.carrier,
        queries.tracking_status,
        queries.error_type,
        queries.is_successful,
        queries.response_time_ms
    from queries
    inner join tenants
        on queries.tenant_id = tenants.tenant_id
)

select * from final
