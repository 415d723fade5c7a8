-- grain: one row per query, call, API error or routing in a session, and per interrupt, at its first event
with

order_queries as (
    select * from {{ ref('stg_ai_chatbot__order_queries') }}
),

tracking_queries as (
    select * from {{ ref('stg_ai_chatbot__tracking_queries') }}
),

coze_calls as (
    select * from {{ ref('stg_ai_chatbot__coze_calls') }}
),

tool_calls as (
    select * from {{ ref('stg_ai_chatbot__tool_calls') }}
),

api_errors as (
    select * from {{ ref('stg_ai_chatbot__api_errors') }}
),

routings as (
    select * from {{ ref('stg_ai_chatbot__routings') }}
),

interrupts as (
    select * from {{ ref('stg_ai_chatbot__interrupts') }}
),

-- Requested and decided are two events; the last decision holds, and without one the interrupt is pending.
interrupts_decided as (
    select
        tenant_id,
        session_id,
        {{ first_of('event_id') }} as event_id,
        min(occurred_at) as occurred_at,
        {{ first_of('interrupt_action', 'interrupt_action is not null') }} as interrupt_action,
        coalesce({{ last_of('interrupt_status', "interrupt_status != 'requested'") }}, 'pending') as interrupt_status
    from interrupts
    group by tenant_id, session_id, interrupt_id
),

final as (
    select
        event_id, tenant_id, session_id, occurred_at, 'order_query' as operation_type, site as operation_name,
        {{ succeeded_or_failed() }} as operation_status, response_time_ms
    from order_queries
    union all
    select
        event_id, tenant_id, session_id, occurred_at, 'tracking_query' as operation_type, carrier as operation_name,
        {{ succeeded_or_failed() }} as operation_status, response_time_ms
    from tracking_queries
    union all
    select
        event_id, tenant_id, session_id, occurred_at, 'workflow' as operation_type, workflow_id as operation_name,
        {{ succeeded_or_failed() }} as operation_status, response_time_ms
    from coze_calls
    union all
    select
        event_id, tenant_id, session_id, occurred_at, 'tool' as operation_type, tool_name as operation_name,
        {{ succeeded_or_failed() }} as operation_status, response_time_ms
    from tool_calls
    union all
    select
        event_id, tenant_id, session_id, occurred_at, 'api_error' as operation_type, endpoint as operation_name,
        'failed' as operation_status, null as response_time_ms
    from api_errors
    where session_id is not null
    union all
    select
        event_id, tenant_id, session_id, occurred_at, 'routing' as operation_type, ai_agent_name as operation_name,
        'routed' as operation_status, null as response_time_ms
    from routings
    union all
    select
        event_id, tenant_id, session_id, occurred_at, 'interrupt' as operation_type, interrupt_action as operation_name,
        interrupt_status as operation_status, null as response_time_ms
    from interrupts_decided
)

select * from final
