-- grain: one row per tenant, session but a test, and time that the AI took to answer in it; without its messages
{{
    config(
        indexes=[{'columns': ['session_id', 'tenant_id']}, {'columns': ['tenant_id', 'session_date']}],
    )
}}
with

session_messages as (
    select * from {{ ref('stg_ai_chatbot__session_messages') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

-- Dated here, since what is joined to sessions is not there yet when the messages are.
sessions as (
    select * from {{ ref('int_sessions_bounded') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

described as (
    select * from {{ ref('int_sessions_described') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

final as (
    select
        tenant_id,
        session_id,
        {{ local_date('sessions.started_at', 'tenants.timezone') }} as session_date,
        session_messages.response_time_ms,
        count(*) as answers_count
    from session_messages
    inner join sessions using (tenant_id, session_id)
    inner join tenants using (tenant_id)
    left join described using (tenant_id, session_id)
    where
        session_messages.role = 'ai' and session_messages.response_time_ms is not null
        and not coalesce(described.is_test, false)
    group by tenant_id, session_id, session_date, session_messages.response_time_ms
)

select * from final
