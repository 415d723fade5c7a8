-- grain: one row per tenant and ticket: its milestones, how often it was touched, and how long it was in each status
with

steps as (
    select * from {{ ref('int_ticket_steps_followed') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

history as (
    select * from {{ ref('fct_ticket_history') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

clocks as (
    select * from {{ ref('fct_ticket_sla') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

resolutions as (
    select
        tenant_id,
        ticket_id,
        case sla_status when 'met' then true when 'breached' then false end as is_sla_met
    from clocks
    where metric = 'resolution'
),

reopened as (
    select
        *,
        max(step_number) filter (where is_reopening) over (partition by tenant_id, ticket_id) as last_reopened_number
    from steps
),

-- A reopened ticket is neither solved nor closed until it is so again.
counted as (
    select
        tenant_id,
        ticket_id,
        coalesce(max(last_status), 'new') as status,
        min(happened_at) filter (where step = 'assigned') as first_assigned_at,
        min(happened_at) filter (where step_number = response_number) as first_response_at,
        case
            when max(last_status) in ('solved', 'closed')
                then coalesce(
                        max(happened_at) filter (
                            where is_done and status = 'solved' and step_number > coalesce(last_reopened_number, 0)
                        ),
                        max(happened_at) filter (where is_done and status = 'closed')
                    )
        end as solved_at,
        case when max(last_status) = 'closed' then max(happened_at) filter (where is_done and status = 'closed') end
            as closed_at,
        count(*) filter (where is_reopening) as reopenings_count,
        count(*) filter (where is_touch) as touches_count,
        count(*) filter (where is_public_agent_reply) as agent_replies_count,
        count(*) filter (where is_customer_reply) as customer_replies_count,
        count(*) filter (where step = 'assigned') as assignments_count
    from reopened
    group by tenant_id, ticket_id
),

timed as (
    select
        tenant_id,
        ticket_id,
        max(calendar_id) as calendar_id,
        {{ seconds_in_status('new') }},
        {{ seconds_in_status('open') }},
        {{ seconds_in_status('pending') }},
        {{ seconds_in_status('on_hold') }},
        {{ seconds_in_status('solved') }},
        {{ seconds_in_status('closed') }}
    from history
    where attribute = 'status'
    group by tenant_id, ticket_id
),

final as (
    select *
    from counted
    left join timed using (tenant_id, ticket_id)
    left join resolutions using (tenant_id, ticket_id)
)

select * from final
