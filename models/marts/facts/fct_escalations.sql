-- grain: one row per request for a human
with

escalations as (
    select * from {{ ref('stg_ai_chatbot__session_escalations') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

final as (
    select
        escalations.event_id,
        escalations.tenant_id,
        escalations.session_id,
        escalations.source_file_id,
        escalations.line_number,
        {{ local_date('escalations.occurred_at', 'tenants.timezone') }} as escalation_date,
        escalations.occurred_at as escalated_at,
        escalations.escalation_reason,
        escalations.severity as escalation_severity,
        escalations.trigger_keyword as escalation_keyword,
        escalations.is_accepted
    from escalations
    inner join tenants
        on escalations.tenant_id = tenants.tenant_id
)

select * from final
