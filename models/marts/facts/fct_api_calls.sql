-- grain: one row per workflow call, tool call or API error
with

coze_calls as (
    select * from {{ ref('stg_ai_chatbot__coze_calls') }}
),

tool_calls as (
    select * from {{ ref('stg_ai_chatbot__tool_calls') }}
),

api_errors as (
    select * from {{ ref('stg_ai_chatbot__api_errors') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

calls as (
    select
        event_id, tenant_id, session_id, occurred_at, source_file_id, line_number,
        'workflow' as call_type, workflow_id as call_name, null as error_type, is_successful, response_time_ms
    from coze_calls
    union all
    select
        event_id, tenant_id, session_id, occurred_at, source_file_id, line_number,
        'tool' as call_type, tool_name as call_name, error_type, is_successful, response_time_ms
    from tool_calls
    union all
    select
        event_id, tenant_id, session_id, occurred_at, source_file_id, line_number,
        'error' as call_type, endpoint as call_name, error_type, false as is_successful, null as response_time_ms
    from api_errors
),

final as (
    select
        calls.event_id,
        calls.tenant_id,
        calls.session_id,
        calls.source_file_id,
        calls.line_number,
        {{ local_date('calls.occurred_at', 'tenants.timezone') }} as call_date,
        calls.occurred_at as called_at,
        calls.call_type,
        calls.call_name,
        calls.error_type,
        calls.is_successful,
        calls.response_time_ms
    from calls
    inner join tenants
        on calls.tenant_id = tenants.tenant_id
)

select * from final
