-- Offenders: sessions that the chatbot logged and the fact lacks or has twice, and the other way round.
with

logged as (
    select tenant_id, session_id
    from {{ ref('base_events') }}
    where session_id is not null and is_known_event and event like 'session.%'
    group by tenant_id, session_id
),

facts as (
    select
        sessions.tenant_id,
        sessions.session_id,
        count(sessions.outcome) as outcomes_count
    from {{ ref('fct_sessions') }} as sessions
    -- Of pruned sessions the fact is all that is left.
    {{ where_unpruned('session', 'sessions') }}
    group by sessions.tenant_id, sessions.session_id
)

select
    tenant_id,
    session_id,
    facts.outcomes_count
from logged
full outer join facts using (tenant_id, session_id)
where logged.session_id is null or facts.outcomes_count is distinct from 1
