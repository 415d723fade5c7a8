-- grain: one row per tenant and session that the chatbot logged (any session.* event)
with

base_events as (
    select * from {{ ref('base_events') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

conversation_events as (
    select tenant_id, session_id, event_id, event, occurred_at, emitter_id, seq
    from base_events
    where
        session_id is not null
        and is_known_event
        and split_part(event, '.', 1) in ('session', 'query', 'api', 'ai', 'agent')
),

-- One sort for all windows, and for the first event below. By the session first: of tenants there are few.
timed as (
    select
        *,
        -- Where the start was lost, the session began with the first event that arrived.
        coalesce(
            min(occurred_at) filter (where event = 'session.start') over by_session,
            min(occurred_at) filter (where event like 'session.%') over by_session
        ) as started_at,
        lead(occurred_at) over in_order as next_event_at
    from conversation_events
    window
        by_session as (partition by session_id, tenant_id),
        in_order as (partition by session_id, tenant_id {{ in_event_order() }})
),

summarised as (
    select
        tenant_id,
        session_id,
        min(started_at) as started_at,
        {{ first_of('event_id', "event = 'session.start'") }} as start_event_id,
        {{ first_of('event_id', "event like 'session.%'") }} as first_event_id,
        max(occurred_at) filter (where event = 'session.end') as logged_end_at,
        min(occurred_at) filter (where event = 'session.end') as first_logged_end_at,
        max(occurred_at) as last_event_at,
        {{ minutes_after('max(occurred_at)', var('session_timeout_minutes')) }} as timed_out_at,
        max(event_id) filter (where next_event_at is null) as last_event_id,
        -- The last event before the first silence as long as the timeout.
        min(occurred_at) filter (
            where occurred_at >= started_at
            and coalesce(next_event_at, {{ as_of() }})
            >= {{ minutes_after('occurred_at', var('session_timeout_minutes')) }}
        ) as first_silent_at
    from timed
    where started_at is not null
    group by session_id, tenant_id
),

final as (
    select
        tenant_id,
        session_id,
        start_event_id is not null as has_start_event,
        logged_end_at is not null as has_end_event,
        started_at,
        coalesce(start_event_id, first_event_id) as start_event_id,
        last_event_at,
        last_event_id,
        logged_end_at is null
        and timed_out_at > {{ as_of() }} as is_open,
        -- Clocks of two emitters may disagree: no session ends before it starts.
        coalesce(logged_end_at < started_at, false) as has_clock_skew,
        case
            when logged_end_at is not null then greatest(logged_end_at, started_at)
            when timed_out_at <= {{ as_of() }} then last_event_at
        end as ended_at,
        case
            when coalesce(first_logged_end_at, first_silent_at) is not null
                then greatest(least(first_logged_end_at, first_silent_at), started_at)
        end as first_ended_at
    from summarised
)

select * from final
