-- grain: one row per message of a customer, the AI or a human agent
with

session_messages as (
    select * from {{ ref('stg_ai_chatbot__session_messages') }}
),

agent_messages as (
    select * from {{ ref('stg_agent_workbench__session_messages') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

messages as (
    select
        event_id, tenant_id, session_id, occurred_at, source_file_id, line_number,
        case role when 'user' then 'customer' else role end as sender, null as agent_id,
        is_fallback, message_length, response_time_ms
    from session_messages
    union all
    select
        event_id, tenant_id, session_id, occurred_at, source_file_id, line_number,
        'agent' as sender, agent_id,
        false as is_fallback, message_length, null as response_time_ms
    from agent_messages
),

final as (
    select
        messages.event_id,
        messages.tenant_id,
        messages.session_id,
        messages.agent_id,
        messages.source_file_id,
        messages.line_number,
        {{ local_date('messages.occurred_at', 'tenants.timezone') }} as message_date,
        messages.occurred_at as sent_at,
        messages.sender,
        messages.is_fallback,
        messages.message_length,
        messages.response_time_ms
    from messages
    inner join tenants
        on messages.tenant_id = tenants.tenant_id
)

select * from final
