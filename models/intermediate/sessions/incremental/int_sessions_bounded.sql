-- grain: one row per tenant and session that the chatbot logged (any session.* event)
with

base_events as (
    select * from {{ ref('base_events') }}
    {{ only_touched_in_view(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

conversation_events as (
    select *
    from base_events
    where
        session_id is not null
        and is_known_event
        and split_part(event, '.', 1) in ('session', 'query', 'api', 'ai', 'agent')
),

summarised as (
    select
        tenant_id,
        session_id,
        {{ first_of('event_id', "event = 'session.start'") }} as start_event_id,
        min(occurred_at) filter (where event = 'session.start') as logged_start_at,
        min(occurred_at) filter (where event like 'session.%') as first_event_at,
        {{ first_of('event_id', "event like 'session.%'") }} as first_event_id,
        max(occurred_at) filter (where event = 'session.end') as logged_end_at,
        min(occurred_at) filter (where event = 'session.end') as first_logged_end_at,
        max(occurred_at) as last_event_at,
        {{ minutes_after('max(occurred_at)', var('session_timeout_minutes')) }} as timed_out_at,
        {{ last_of('event_id') }} as last_event_id
    from conversation_events
    group by tenant_id, session_id
),

final as (
    select
        tenant_id,
        session_id,
        start_event_id is not null as has_start_event,
        logged_end_at is not null as has_end_event,
        -- Where the start was lost, the session began with the first event that arrived.
        coalesce(logged_start_at, first_event_at) as started_at,
        coalesce(start_event_id, first_event_id) as start_event_id,
        last_event_at,
        last_event_id,
        logged_end_at is null
        and timed_out_at > {{ as_of() }} as is_open,
        -- Clocks of two emitters may disagree: no session ends before it starts.
        coalesce(logged_end_at < coalesce(logged_start_at, first_event_at), false) as has_clock_skew,
        case
            when logged_end_at is not null then greatest(logged_end_at, logged_start_at, first_event_at)
            when timed_out_at <= {{ as_of() }} then greatest(last_event_at, logged_start_at, first_event_at)
        end as ended_at,
        case
            when logged_end_at is not null then greatest(first_logged_end_at, logged_start_at, first_event_at)
            when timed_out_at <= {{ as_of() }} then greatest(last_event_at, logged_start_at, first_event_at)
        end as first_ended_at
    from summarised
    where first_event_at is not null
)

select * from final
