-- grain: one row per ticket.* event: its place in the course of the ticket, and what it left behind
with

steps as (
    select * from {{ ref('int_ticket_steps_unioned') }}
    {{ only_touched_by_list(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

created as (
    select * from {{ ref('int_tickets_created') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

-- What is dated before the creation follows it at once.
numbered as (
    select
        steps.*,
        created.created_at,
        greatest(steps.occurred_at, created.created_at) as happened_at,
        case when steps.event_id = created.created_event_id then 'new' else steps.to_status end as status_then,
        steps.step in ('status_changed', 'closed') and steps.to_status in ('solved', 'closed') as is_done,
        coalesce(
            steps.from_status in ('solved', 'closed') and steps.to_status not in ('solved', 'closed'), false
        ) as is_reopening,
        steps.step = 'replied' and steps.author = 'customer' as is_customer_reply,
        coalesce(steps.step = 'replied' and steps.author = 'agent' and steps.is_public, false) as is_public_agent_reply,
        steps.step = 'status_changed' and steps.acting_agent_id is not null and steps.from_status = 'new'
        and steps.to_status != 'new' as is_agent_leaving_new,
        row_number() over (
            partition by steps.tenant_id, steps.ticket_id
            order by
                steps.event_id is distinct from created.created_event_id,
                steps.occurred_at, steps.emitter_id nulls last, steps.seq nulls last, steps.event_id
        ) as step_number
    from steps
    inner join created
        on steps.tenant_id = created.tenant_id and steps.ticket_id = created.ticket_id
),

final as (
    select
        tenant_id,
        ticket_id,
        step_number,
        event_id,
        step,
        created_at,
        happened_at,
        {{ latest_so_far('step_number', 'status_then', 'in_order') }} as status,
        {{ latest_so_far('step_number', 'priority', 'in_order') }} as priority,
        {{ latest_so_far('step_number', 'to_agent_id', 'in_order') }} as agent_id,
        {{ latest_so_far('step_number', 'to_agent_id', '(partition by tenant_id, ticket_id)') }}
            as last_agent_id,
        {{ latest_so_far('step_number', 'status_then', '(partition by tenant_id, ticket_id)') }}
            as last_status,
        max(ticket_type) over (partition by tenant_id, ticket_id) as ticket_type,
        acting_agent_id is not null as is_touch,
        is_customer_reply,
        is_public_agent_reply,
        is_done,
        is_reopening,
        -- The first public reply is the response; without one, the first agent who took the ticket out of `new`.
        coalesce(
            min(step_number) filter (where is_public_agent_reply) over (partition by tenant_id, ticket_id),
            min(step_number) filter (where is_agent_leaving_new) over (partition by tenant_id, ticket_id)
        ) as response_number,
        min(step_number) filter (where is_done) over (partition by tenant_id, ticket_id) as first_done_number
    from numbered
    window in_order as (
        partition by tenant_id, ticket_id order by step_number rows between unbounded preceding and current row
    )
)

select * from final
