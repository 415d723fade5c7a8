-- grain: one row per thing that the AI did in a session: intent, routing, call, query, step of an interrupt, error
with

intents as (
    select * from {{ ref('stg_ai_chatbot__session_intents') }}
),

routings as (
    select * from {{ ref('stg_ai_chatbot__routings') }}
),

tool_calls as (
    select * from {{ ref('stg_ai_chatbot__tool_calls') }}
),

coze_calls as (
    select * from {{ ref('stg_ai_chatbot__coze_calls') }}
),

order_queries as (
    select * from {{ ref('stg_ai_chatbot__order_queries') }}
),

tracking_queries as (
    select * from {{ ref('stg_ai_chatbot__tracking_queries') }}
),

interrupts as (
    select * from {{ ref('stg_ai_chatbot__interrupts') }}
),

api_errors as (
    select * from {{ ref('stg_ai_chatbot__api_errors') }}
),

final as (
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, 'tool_call' as step_type, 'ai' as actor_type,
        tool_name as detail, is_successful, response_time_ms
    from tool_calls
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, 'tool_call' as step_type, 'ai' as actor_type,
        workflow_id as detail, is_successful, response_time_ms
    from coze_calls
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, 'query' as step_type, 'ai' as actor_type,
        'order at ' || site as detail, is_successful, response_time_ms
    from order_queries
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, 'query' as step_type, 'ai' as actor_type,
        'parcel at ' || carrier as detail, is_successful, response_time_ms
    from tracking_queries
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, 'intent' as step_type, 'ai' as actor_type,
        intent as detail, null as is_successful, null as response_time_ms
    from intents
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, 'routing' as step_type, 'ai' as actor_type,
        ai_agent_name as detail, null as is_successful, null as response_time_ms
    from routings
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, 'interrupt' as step_type,
        case interrupt_status when 'requested' then 'ai' when 'expired' then 'system' else 'agent' end as actor_type,
        interrupt_status || coalesce(': ' || interrupt_action, '') as detail,
        null as is_successful, null as response_time_ms
    from interrupts
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, 'error' as step_type, 'system' as actor_type,
        error_type as detail, false as is_successful, null as response_time_ms
    from api_errors
    where session_id is not null
)

select * from final
