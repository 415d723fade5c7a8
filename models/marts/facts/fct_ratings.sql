-- grain: one row per rating or feedback of a customer
with

ratings as (
    select * from {{ ref('stg_ai_chatbot__session_ratings') }}
),

feedbacks as (
    select * from {{ ref('stg_ai_chatbot__session_feedbacks') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

judgements as (
    select
        event_id, tenant_id, session_id, occurred_at, source_file_id, line_number,
        'rating' as judgement, rated, null as is_helpful, score, comment_length
    from ratings
    union all
    select
        event_id, tenant_id, session_id, occurred_at, source_file_id, line_number,
        'feedback' as judgement, null as rated, is_helpful, null as score, null as comment_length
    from feedbacks
),

final as (
    select
        judgements.event_id,
        judgements.tenant_id,
        judgements.session_id,
        judgements.source_file_id,
        judgements.line_number,
        {{ local_date('judgements.occurred_at', 'tenants.timezone') }} as judgement_date,
        judgements.occurred_at as judged_at,
        judgements.judgement,
        judgements.rated,
        judgements.is_helpful,
        judgements.score,
        judgements.comment_length
    from judgements
    inner join tenants
        on judgements.tenant_id = tenants.tenant_id
)

select * from final
