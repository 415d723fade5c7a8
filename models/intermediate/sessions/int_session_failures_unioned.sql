-- grain: one row per API error or failed call in a session
with

api_errors as (
    select * from {{ ref('stg_ai_chatbot__api_errors') }}
),

coze_calls as (
    select * from {{ ref('stg_ai_chatbot__coze_calls') }}
),

tool_calls as (
    select * from {{ ref('stg_ai_chatbot__tool_calls') }}
),

final as (
    select event_id, tenant_id, session_id, occurred_at, emitter_id, seq, 'api_error' as failure
    from api_errors
    where session_id is not null
    union all
    select event_id, tenant_id, session_id, occurred_at, emitter_id, seq, 'failed_call' as failure
    from coze_calls
    where not is_successful
    union all
    select event_id, tenant_id, session_id, occurred_at, emitter_id, seq, 'failed_call' as failure
    from tool_calls
    where not is_successful
)

select * from final
