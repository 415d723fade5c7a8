-- grain: one row per tenant and session that the chatbot logged (any session.* event)
with

base_events as (
    select * from {{ ref('base_events') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

conversation_events as (
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        event like 'session.%' as is_of_session,
        event = 'session.start' as is_start,
        event = 'session.end' as is_end
    from base_events
    where
        session_id is not null
        and is_known_event
        and split_part(event, '.', 1) in ('session', 'query', 'api', 'ai', 'agent')
    {{ computed_once() }}
),

-- One sort for the window and for the first events below. By the session first: of tenants there are few.
followed as (
    select
        *,
        lead(occurred_at) over (partition by session_id, tenant_id {{ in_event_order() }}) as next_event_at
    from conversation_events
),

summarised as (
    select
        tenant_id,
        session_id,
        -- Where the start was lost, the session began with the first event that arrived.
        coalesce(min(occurred_at) filter (where is_start), min(occurred_at) filter (where is_of_session)) as started_at,
        {{ first_of('event_id', 'is_start') }} as start_event_id,
        {{ first_of('event_id', 'is_of_session') }} as first_event_id,
        max(occurred_at) filter (where is_end) as logged_end_at,
        min(occurred_at) filter (where is_end) as first_logged_end_at,
        max(occurred_at) as last_event_at,
        {{ minutes_after('max(occurred_at)', var('session_timeout_minutes')) }} as timed_out_at,
        max(event_id) filter (where next_event_at is null) as last_event_id,
        -- The last events before silences as long as the timeout.
        array_agg(occurred_at) filter (
            where coalesce(next_event_at, {{ as_of() }})
            >= {{ minutes_after('occurred_at', var('session_timeout_minutes')) }}
        ) as silent_ats
    from followed
    group by session_id, tenant_id
),

timed as (
    select
        *,
        (
            select min(silent_at)
            from unnest(silent_ats) as silences (silent_at)
            where silent_at >= started_at
        ) as first_silent_at
    from summarised
    where started_at is not null
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
    from timed
)

select * from final
