-- grain: one row per tenant and session with at least one escalation
with

escalations as (
    select * from {{ ref('stg_ai_chatbot__session_escalations') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

final as (
    select
        tenant_id,
        session_id,
        min(occurred_at) as first_escalated_at,
        {{ first_of('event_id') }} as first_escalation_event_id,
        {{ first_of('escalation_reason') }} as escalation_reason,
        {{ first_of('severity') }} as escalation_severity,
        {{ first_of('trigger_keyword') }} as escalation_keyword,
        bool_or(is_accepted) as is_handover_accepted
    from escalations
    group by tenant_id, session_id
)

select * from final
