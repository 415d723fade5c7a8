-- grain: one row per tenant and session, tests excluded: whether and how the customer came back after it had ended
with

sessions as (
    select
        *,
        -- What the AI resolved was resolved by its last answer, however long the session stayed open after it.
        coalesce(ai_resolved_at, first_ended_at) as returns_from_at
    from {{ ref('fct_sessions') }}
    {{ only_touched_returns() }}
),

followed as (
    select * from {{ ref('int_customer_sessions_followed') }}
    where {{ is_of_touched_return('customer_hash', 'sessions') }}
),

tickets as (
    select * from {{ ref('fct_tickets') }}
    where created_at is not null and {{ is_of_touched_return('session_id', 'sessions') }}
),

-- Tickets from a session, whoever the customer is.
tickets_of_sessions as (
    select
        sessions.tenant_id,
        sessions.session_id,
        min(tickets.created_at) as created_at,
        (array_agg(tickets.ticket_id order by tickets.created_at, tickets.ticket_id))[1] as ticket_id
    from sessions
    inner join tickets
        on
            sessions.tenant_id = tickets.tenant_id
            and sessions.session_id = tickets.session_id
            and sessions.returns_from_at < tickets.created_at
    group by sessions.tenant_id, sessions.session_id
),

came as (
    select
        sessions.*,
        followed.next_session_at,
        followed.next_session_id,
        followed.next_session_channel,
        case
            when followed.next_ticket_at > tickets_of_sessions.created_at then tickets_of_sessions.ticket_id
            when followed.next_ticket_at < tickets_of_sessions.created_at then followed.next_ticket_id
            else least(followed.next_ticket_id, tickets_of_sessions.ticket_id)
        end as next_ticket_id,
        least(tickets_of_sessions.created_at, followed.next_ticket_at) as next_ticket_at,
        least(sessions.reopened_at, followed.next_session_at, tickets_of_sessions.created_at, followed.next_ticket_at)
            as returned_at
    from sessions
    left join followed using (tenant_id, session_id)
    left join tickets_of_sessions using (tenant_id, session_id)
    where not sessions.is_test
),

computed as (
    select
        tenant_id, session_id, customer_hash, session_date, channel, site, intent, outcome,
        outcome in ('confirmed_resolved', 'assumed_resolved') as is_ai_resolution,
        first_ended_at, returns_from_at, reopened_at, next_session_at, next_session_id, next_session_channel,
        next_ticket_at, next_ticket_id, returned_at,
        case returned_at
            when reopened_at then 'reopening'
            when next_session_at then 'session'
            when next_ticket_at then 'ticket'
        end as returned_by,
        case returned_at
            when reopened_at then session_id
            when next_session_at then next_session_id
            when next_ticket_at then next_ticket_id
        end as return_id,
        {{ seconds_between('returns_from_at', 'returned_at') }} as seconds_until_return,
        {{ seconds_between('returns_from_at', 'next_session_at') }} as seconds_until_next_session,
        {{ is_mature('returns_from_at', 24) }} as is_mature_24h,
        {{ is_mature('returns_from_at', 72) }} as is_mature_72h,
        {{ is_mature('returns_from_at', 168) }} as is_mature_168h,
        {{ is_durable('returns_from_at', 'returned_at', 24) }} as is_durable_24h,
        {{ is_durable('returns_from_at', 'returned_at', 72) }} as is_durable_72h,
        {{ is_durable('returns_from_at', 'returned_at', 168) }} as is_durable_168h
    from came
),

final as (
    {{ changed_returns('computed') }}
)

select * from final
