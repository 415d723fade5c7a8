-- grain: one row per tenant and ticket
with

created as (
    select * from {{ ref('int_tickets_created') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

worked as (
    select * from {{ ref('int_tickets_worked') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

tickets as (
    select * from {{ ref('stg_ticketing__tickets') }}
    {{ only_touched_by_list(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

closures as (
    select * from {{ ref('stg_ticketing__closures') }}
    {{ only_touched_by_list(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

final as (
    select
        created.tenant_id,
        created.ticket_id,
        created.created_event_id,
        created.closed_event_id,
        tickets.session_id,
        tickets.customer_hash,
        created.agent_id,
        {{ local_date('created.created_at', 'tenants.timezone') }} as created_date,
        {{ local_date('worked.closed_at', 'tenants.timezone') }} as closed_date,
        created.created_at,
        worked.first_assigned_at,
        worked.first_response_at,
        worked.solved_at,
        worked.closed_at,
        tickets.ticket_source,
        tickets.ticket_type,
        created.priority,
        worked.status,
        worked.is_sla_met,
        closures.is_sla_met_reported,
        worked.reopenings_count,
        {{ seconds_between('created.created_at', 'worked.first_response_at') }} as first_response_seconds,
        {{ seconds_between('created.created_at', 'worked.solved_at') }} as resolution_seconds,
        {{ seconds_between('created.created_at', 'worked.closed_at') }} as closing_seconds,
        closures.reported_resolution_hours,
        worked.touches_count,
        worked.agent_replies_count,
        worked.customer_replies_count,
        worked.assignments_count,
        worked.calendar_id,
        worked.new_seconds,
        worked.open_seconds,
        worked.pending_seconds,
        worked.on_hold_seconds,
        worked.solved_seconds,
        worked.closed_seconds,
        worked.new_business_seconds,
        worked.open_business_seconds,
        worked.pending_business_seconds,
        worked.on_hold_business_seconds,
        worked.solved_business_seconds,
        worked.closed_business_seconds
    from created
    inner join worked using (tenant_id, ticket_id)
    inner join tenants using (tenant_id)
    left join tickets
        on created.created_event_id = tickets.event_id
    left join closures
        on created.closed_event_id = closures.event_id
)

select * from final
