-- grain: one row per silence of a session as long as the timeout, with the event before it
{% set session_order = 'partition by tenant_id, session_id ' ~ in_event_order() %}
with

base_events as (
    select * from {{ ref('base_events') }}
),

conversation_events as (
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq
    from base_events
    where
        session_id is not null
        and is_known_event
        and split_part(event, '.', 1) in ('session', 'query', 'api', 'ai', 'agent')
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
