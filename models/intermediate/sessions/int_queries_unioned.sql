-- grain: one row per order or tracking query
with

order_queries as (
    select * from {{ ref('stg_ai_chatbot__order_queries') }}
),

tracking_queries as (
    select * from {{ ref('stg_ai_chatbot__tracking_queries') }}
),

final as (
    select event_id, tenant_id, session_id, occurred_at, 'order' as query_type, is_successful, response_time_ms
    from order_queries
    union all
    select event_id, tenant_id, session_id, occurred_at, 'tracking' as query_type, is_successful, response_time_ms
    from tracking_queries
)

select * from final
