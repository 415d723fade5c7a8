-- grain: one row per tenant and session with at least one turn
with

session_messages as (
    select * from {{ ref('stg_ai_chatbot__session_messages') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

sessions as (
    select * from {{ ref('int_sessions_bounded') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

final as (
    select
        tenant_id,
        session_id,
        count(*) filter (where role = 'user') as user_turns_count,
        count(*) filter (where role = 'ai') as ai_turns_count,
        count(*) filter (where role = 'ai' and is_fallback) as fallback_turns_count,
        count(*) filter (where role = 'ai' and not is_fallback) as substantive_answers_count,
        count(response_time_ms) filter (where role = 'ai') as timed_ai_turns_count,
        cast(sum(response_time_ms) filter (where role = 'ai') as bigint) as ai_response_time_ms_total,
        {{ first_of('response_time_ms', "role = 'ai' and response_time_ms is not null") }} as first_ai_response_time_ms,
        {{ percentile(0.95, 'response_time_ms', "role = 'ai'") }} as p95_ai_response_time_ms,
        min(occurred_at) filter (where role = 'user' and occurred_at > sessions.first_ended_at) as reopened_at,
        -- No answer comes before the start, whatever another clock says.
        max(greatest(occurred_at, sessions.started_at)) filter (
            where role = 'ai' and not is_fallback and occurred_at <= sessions.first_ended_at
        ) as last_answered_at,
        {{ last_of('event_id') }} as last_turn_event_id,
        {{ last_of('role') }} as last_turn_role,
        {{ last_of('is_fallback') }} as is_last_turn_fallback,
        {{ last_of('event_id', "role = 'ai' and not is_fallback") }} as last_substantive_answer_event_id
    from session_messages
    left join sessions using (tenant_id, session_id)
    group by tenant_id, session_id
)

select * from final
