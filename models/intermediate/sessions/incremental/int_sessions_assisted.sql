-- grain: one row per tenant and session with at least one query or tool call
with

queries as (
    select * from {{ ref('int_queries_dated') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tool_calls as (
    select * from {{ ref('stg_ai_chatbot__tool_calls') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

attempts as (
    select tenant_id, session_id, is_successful from queries
    union all
    select tenant_id, session_id, is_successful from tool_calls
),

final as (
    select
        tenant_id,
        session_id,
        count(*) filter (where is_successful) as successful_tool_attempts_count
    from attempts
    group by tenant_id, session_id
)

select * from final
