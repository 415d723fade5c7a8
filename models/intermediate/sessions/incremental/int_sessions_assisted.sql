-- grain: one row per tenant and session with at least one query or tool call
with

operations as (
    select * from {{ ref('int_session_operations_listed') }}
    {{ only_touched_of_kept(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

final as (
    select
        tenant_id,
        session_id,
        count(*) filter (where operation_status = 'successful') as successful_tool_attempts_count
    from operations
    where operation_type in ('order_query', 'tracking_query', 'tool')
    group by tenant_id, session_id
)

select * from final
