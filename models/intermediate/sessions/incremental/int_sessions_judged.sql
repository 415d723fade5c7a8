-- grain: one row per tenant and session that the customer judged by feedback or rating
with

session_feedbacks as (
    select * from {{ ref('stg_ai_chatbot__session_feedbacks') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

session_ratings as (
    select * from {{ ref('stg_ai_chatbot__session_ratings') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

judgements as (
    select event_id, tenant_id, session_id, occurred_at, emitter_id, seq, is_helpful, null as score, null as rated
    from session_feedbacks
    union all
    select event_id, tenant_id, session_id, occurred_at, emitter_id, seq, null as is_helpful, score, rated
    from session_ratings
),

final as (
    select
        tenant_id,
        session_id,
        {{ last_of('is_helpful', 'is_helpful is not null') }} as is_last_feedback_helpful,
        {{ last_of('event_id', 'is_helpful is not null') }} as last_feedback_event_id,
        {{ last_of('score', 'score is not null') }} as last_rating_score,
        -- A rating of the human who took over says nothing about the AI.
        {{ last_of('score', "score is not null and rated is distinct from 'human'") }} as last_ai_rating_score,
        {{ last_of('event_id', "score is not null and rated is distinct from 'human'") }} as last_ai_rating_event_id
    from judgements
    group by tenant_id, session_id
)

select * from final
