-- grain: one row per tenant and ticket that any ticket.* event names: how it came, who has it, its last closing
with

steps as (
    select * from {{ ref('int_ticket_steps_unioned') }}
    {{ only_touched_by_list(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

final as (
    select
        tenant_id,
        ticket_id,
        min(occurred_at) filter (where step = 'created') as created_at,
        {{ first_of('event_id', "step = 'created'") }} as created_event_id,
        {{ last_of('event_id', "step = 'closed'") }} as closed_event_id,
        {{ last_of('priority', 'priority is not null') }} as priority,
        {{ last_of('to_agent_id', 'to_agent_id is not null') }} as agent_id
    from steps
    group by tenant_id, ticket_id
)

select * from final
