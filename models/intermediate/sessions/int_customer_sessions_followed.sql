-- grain: one row per tenant and ended session of a known customer, tests excluded: what the customer started next
with

-- An AI resolution is followed from its last answer on, any other session from its end. Three imports instead of one:
-- what is read once is planned with the query that reads this view, by customer.
ended as (
    select * from {{ ref('fct_sessions') }}
    where not is_test and customer_hash is not null and first_ended_at is not null
),

started as (
    select * from {{ ref('fct_sessions') }}
    where not is_test and customer_hash is not null
),

tickets as (
    select * from {{ ref('fct_tickets') }}
    where customer_hash is not null and created_at is not null
),

steps as (
    select
        tenant_id, customer_hash, coalesce(ai_resolved_at, first_ended_at) as occurred_at, 'end' as step,
        session_id as step_id, channel
    from ended
    union all
    select tenant_id, customer_hash, started_at as occurred_at, 'session' as step, session_id as step_id, channel
    from started
    union all
    select tenant_id, customer_hash, created_at as occurred_at, 'ticket' as step, ticket_id as step_id, null as channel
    from tickets
),

-- An end shares its numbers with the next session and the next ticket: how many were still to come. What comes at the
-- very instant of an end does not come after it.
numbered as (
    select
        *,
        count(*) filter (where step = 'session') over backwards as sessions_to_come_count,
        count(*) filter (where step = 'ticket') over backwards as tickets_to_come_count
    from steps
    window backwards as (
        partition by tenant_id, customer_hash
        order by occurred_at desc, step = 'end' desc, step_id desc
        rows between unbounded preceding and current row
    )
),

followed as (
    select
        *,
        max(occurred_at) filter (where step = 'session') over session_number as next_session_at,
        max(step_id) filter (where step = 'session') over session_number as next_session_id,
        max(channel) filter (where step = 'session') over session_number as next_session_channel,
        max(occurred_at) filter (where step = 'ticket') over ticket_number as next_ticket_at,
        max(step_id) filter (where step = 'ticket') over ticket_number as next_ticket_id
    from numbered
    window
        session_number as (partition by tenant_id, customer_hash, sessions_to_come_count),
        ticket_number as (partition by tenant_id, customer_hash, tickets_to_come_count)
),

final as (
    select
        tenant_id,
        customer_hash,
        step_id as session_id,
        next_session_at,
        next_session_id,
        next_session_channel,
        next_ticket_at,
        next_ticket_id
    from followed
    where step = 'end'
)

select * from final
