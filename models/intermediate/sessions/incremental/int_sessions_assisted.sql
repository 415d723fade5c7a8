-- grain: one row per tenant and session with at least one query or tool call
with

query_days as (
    select * from {{ ref('int_session_queries_counted_daily') }}
    {{ only_touched_of_kept(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tool_calls as (
    select * from {{ ref('stg_ai_chatbot__tool_calls') }}
    {{ only_touched_in_view(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

attempts as (
    select
        tenant_id, session_id,
        successful_order_queries_count + successful_tracking_queries_count as successes_count
    from query_days
    union all
    select tenant_id, session_id, case when is_successful then 1 else 0 end as successes_count
    from tool_calls
),

final as (
    select
        tenant_id,
        session_id,
        cast(sum(successes_count) as bigint) as successful_tool_attempts_count
    from attempts
    group by tenant_id, session_id
)

select * from final
