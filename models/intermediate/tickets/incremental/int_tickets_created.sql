-- grain: one row per tenant and ticket that any ticket.* event names: how it came, who has it, what was claimed
with

tickets as (
    select * from {{ ref('stg_ticketing__tickets') }}
    {{ only_touched_in_view(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

assignments as (
    select * from {{ ref('stg_ticketing__assignments') }}
    {{ only_touched_in_view(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

priority_changes as (
    select * from {{ ref('stg_ticketing__priority_changes') }}
    {{ only_touched_in_view(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

closures as (
    select * from {{ ref('stg_ticketing__closures') }}
    {{ only_touched_in_view(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

progressed as (
    select * from {{ ref('int_tickets_progressed') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

steps as (
    select event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq, 'created' as step, priority, agent_id
    from tickets
    union all
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq,
        'assigned' as step, null as priority, to_agent_id as agent_id
    from assignments
    union all
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq,
        'priority_changed' as step, to_priority as priority, null as agent_id
    from priority_changes
    union all
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq,
        'closed' as step, null as priority, null as agent_id
    from closures
),

stepped as (
    select
        tenant_id,
        ticket_id,
        min(occurred_at) filter (where step = 'created') as created_at,
        {{ first_of('event_id', "step = 'created'") }} as created_event_id,
        min(occurred_at) filter (where step = 'assigned') as first_assigned_at,
        {{ last_of('event_id', "step = 'closed'") }} as closed_event_id,
        {{ last_of('priority', 'priority is not null') }} as priority,
        {{ last_of('agent_id', 'agent_id is not null') }} as agent_id
    from steps
    group by tenant_id, ticket_id
),

-- union: a ticket of which only replies or status changes arrived is a ticket too.
known as (
    select tenant_id, ticket_id from stepped
    union
    select tenant_id, ticket_id from progressed
),

final as (
    select
        tenant_id,
        ticket_id,
        stepped.created_at,
        stepped.created_event_id,
        stepped.first_assigned_at,
        stepped.closed_event_id,
        stepped.priority,
        stepped.agent_id
    from known
    left join stepped using (tenant_id, ticket_id)
)

select * from final
