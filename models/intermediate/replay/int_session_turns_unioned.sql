-- grain: one row per thing that customer, AI or agent said in a session, start, end and judgements included
with

session_starts as (
    select * from {{ ref('stg_ai_chatbot__session_starts') }}
),

session_messages as (
    select * from {{ ref('stg_ai_chatbot__session_messages') }}
),

agent_messages as (
    select * from {{ ref('stg_agent_workbench__session_messages') }}
),

feedbacks as (
    select * from {{ ref('stg_ai_chatbot__session_feedbacks') }}
),

ratings as (
    select * from {{ ref('stg_ai_chatbot__session_ratings') }}
),

session_ends as (
    select * from {{ ref('stg_ai_chatbot__session_ends') }}
),

final as (
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        case role when 'user' then 'user_message' else 'ai_message' end as step_type,
        case role when 'user' then 'customer' else 'ai' end as actor_type,
        cast(null as text) as agent_id,
        case when is_fallback then 'fallback' end as detail,
        -- A line that no emitter wrote has been masked by nobody.
        response_time_ms, message_length, case when emitter_id is not null then text end as masked_text
    from session_messages
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'agent_message' as step_type, 'agent' as actor_type, agent_id, null as detail,
        null as response_time_ms, message_length,
        case when emitter_id is not null then text end as masked_text
    from agent_messages
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'session_start' as step_type, 'customer' as actor_type, null as agent_id, channel as detail,
        null as response_time_ms, null as message_length, null as masked_text
    from session_starts
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'feedback' as step_type, 'customer' as actor_type, null as agent_id,
        case when is_helpful then 'helpful' else 'not helpful' end as detail,
        null as response_time_ms, null as message_length, null as masked_text
    from feedbacks
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'feedback' as step_type, 'customer' as actor_type, null as agent_id,
        cast(score as text) || ' of 5' as detail,
        null as response_time_ms, null as message_length, null as masked_text
    from ratings
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'session_end' as step_type, 'system' as actor_type, null as agent_id, end_reason as detail,
        null as response_time_ms, null as message_length, null as masked_text
    from session_ends
)

select * from final
