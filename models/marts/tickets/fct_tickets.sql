-- grain: one row per tenant and ticket
with

created as (
    select * from {{ ref('int_tickets_created') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

progressed as (
    select * from {{ ref('int_tickets_progressed') }}
),

tickets as (
    select * from {{ ref('stg_ticketing__tickets') }}
    {{ only_touched_in_view(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

closures as (
    select * from {{ ref('stg_ticketing__closures') }}
    {{ only_touched_in_view(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

worked as (
    select * from {{ ref('int_tickets_worked') }}
    {{ only_touched_in_view(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

joined as (
    select
        created.*,
        tenants.timezone,
        tickets.ticket_source,
        tickets.ticket_type,
        tickets.session_id,
        tickets.customer_hash,
        closures.reported_resolution_hours,
        closures.is_sla_met_reported,
        worked.is_sla_met,
        {{ worked_columns('worked.') }},
        coalesce(progressed.last_status, 'new') as status,
        coalesce(progressed.reopenings_count, 0) as reopenings_count,
        -- The first public reply is the response; where none exists, the first agent who took the ticket out of `new`.
        coalesce(progressed.first_public_agent_reply_at, progressed.first_agent_left_new_at) as first_response_at,
        -- A reopened ticket is neither solved nor closed until it is so again.
        case
            when progressed.last_status not in ('solved', 'closed') then null
            when progressed.last_solved_at < progressed.last_reopened_at then progressed.last_closed_at
            else coalesce(progressed.last_solved_at, progressed.last_closed_at)
        end as solved_at,
        case when progressed.last_status = 'closed' then progressed.last_closed_at end as closed_at
    from created
    inner join tenants using (tenant_id)
    left join progressed using (tenant_id, ticket_id)
    left join worked using (tenant_id, ticket_id)
    left join tickets
        on created.created_event_id = tickets.event_id
    left join closures
        on created.closed_event_id = closures.event_id
),

final as (
    select
        tenant_id, ticket_id, created_event_id, closed_event_id, session_id, customer_hash, agent_id,

        {{ local_date('created_at', 'timezone') }} as created_date,
        {{ local_date('closed_at', 'timezone') }} as closed_date,
        created_at, first_assigned_at, first_response_at, solved_at, closed_at,

        ticket_source,
        ticket_type,
        priority,
        status,
        is_sla_met,
        is_sla_met_reported,

        reopenings_count,
        {{ seconds_between('created_at', 'first_response_at') }} as first_response_seconds,
        {{ seconds_between('created_at', 'solved_at') }} as resolution_seconds,
        {{ seconds_between('created_at', 'closed_at') }} as closing_seconds,
        reported_resolution_hours,
        {{ worked_columns() }}
    from joined
)

select * from final
