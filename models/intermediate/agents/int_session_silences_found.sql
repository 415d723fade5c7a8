-- grain: one row per silence, as long as the timeout, of a session that a human was asked for or took over
{% set session_order = 'partition by tenant_id, session_id ' ~ in_event_order() %}
with

base_events as (
    select * from {{ ref('base_events') }}
),

calls as (
    select * from {{ ref('base_events') }}
    where event in ('session.escalate', 'agent.session_takeover')
),

-- Of the others, which are most, nobody asks when they fell silent.
conversation_events as (
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq
    from base_events
    where
        session_id is not null
        and is_known_event
        and split_part(event, '.', 1) in ('session', 'query', 'api', 'ai', 'agent')
        and exists (
            select 1 from calls
            where calls.tenant_id = base_events.tenant_id and calls.session_id = base_events.session_id
        )
),

followed as (
    select
        *,
        coalesce(lead(occurred_at) over ({{ session_order }}), {{ current_as_of() }}) as next_event_at
    from conversation_events
),

final as (
    select *
    from followed
    where next_event_at >= {{ minutes_after('occurred_at', var('session_timeout_minutes')) }}
)

select * from final
