-- grain: one row per tenant and audit
with

audits as (
    select * from {{ ref('stg_quality__audits') }}
    {{ only_touched_audits() }}
),

reviews as (
    select * from {{ ref('stg_quality__audit_reviews') }}
    {{ only_touched_audits() }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

created as (
    select
        tenant_id,
        audit_id,
        {{ first_of('event_id') }} as event_id
    from audits
    where audit_id is not null and session_id is not null
    group by tenant_id, audit_id
),

reviewed as (
    select
        tenant_id,
        audit_id,
        {{ last_of('event_id') }} as event_id
    from reviews
    group by tenant_id, audit_id
),

final as (
    select
        created.tenant_id,
        created.audit_id,
        audits.session_id,
        created.event_id,
        audits.source_file_id,
        audits.line_number,
        reviewed.event_id as review_event_id,
        {{ local_date('audits.occurred_at', 'tenants.timezone') }} as audit_date,
        audits.occurred_at as audited_at,
        reviews.occurred_at as reviewed_at,
        audits.auditor,
        reviews.reviewer_hash,
        {{ json_list_text('audits.issues') }} as issues,
        reviewed.event_id is not null as is_reviewed,
        {{ json_list_length('audits.issues') }} as issues_count,
        {{ score_of_audit('audits.score') }} as automatic_score,
        {{ score_of_audit('reviews.final_score') }} as reviewed_score,
        cast({{ score_of_audit('reviews.final_score') }} - {{ score_of_audit('audits.score') }} as numeric(18, 6))
            as score_delta
    from created
    inner join audits
        on created.event_id = audits.event_id
    inner join tenants
        on created.tenant_id = tenants.tenant_id
    left join reviewed
        on created.tenant_id = reviewed.tenant_id and created.audit_id = reviewed.audit_id
    left join reviews
        on reviewed.event_id = reviews.event_id
    {{ but_kept_audits('created') }}
)

select * from final
