-- grain: one row per tenant and session with a session.end event: what the product claims about it
with

session_ends as (
    select * from {{ ref('stg_ai_chatbot__session_ends') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

final as (
    select
        tenant_id,
        session_id,
        {{ last_of('end_reason') }} as end_reason,
        {{ last_of('reported_duration_seconds') }} as reported_duration_seconds,
        {{ last_of('reported_message_count') }} as reported_message_count,
        {{ last_of('reported_resolved_by') }} as reported_resolved_by
    from session_ends
    group by tenant_id, session_id
)

select * from final
