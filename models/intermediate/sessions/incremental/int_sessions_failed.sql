-- grain: one row per tenant and session with at least one API error or failed call
with

failures as (
    select * from {{ ref('int_session_failures_unioned') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

session_messages as (
    select * from {{ ref('stg_ai_chatbot__session_messages') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

steps as (
    select event_id, tenant_id, session_id, occurred_at, emitter_id, seq, failure
    from failures
    union all
    select event_id, tenant_id, session_id, occurred_at, emitter_id, seq, null as failure
    from session_messages
    where role = 'ai' and not is_fallback
),

final as (
    select
        tenant_id,
        session_id,
        count(failure) as failures_count,
        {{ last_of('event_id', 'failure is not null') }} as last_failure_event_id,
        {{ last_of('failure', 'failure is not null') }} as last_failure,
        {{ last_of('failure is not null') }} as is_failure_last
    from steps
    group by tenant_id, session_id
    having count(failure) > 0
)

select * from final
