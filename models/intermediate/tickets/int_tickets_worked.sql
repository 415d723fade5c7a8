-- grain: one row per tenant and ticket: how often it was touched, and how long it was in each status
with

steps as (
    select * from {{ ref('int_ticket_steps_followed') }}
),

statuses as (
    select * from {{ ref('fct_ticket_history') }}
    where attribute = 'status'
),

resolutions as (
    select
        tenant_id,
        ticket_id,
        case sla_status when 'met' then true when 'breached' then false end as is_sla_met
    from {{ ref('fct_ticket_sla') }}
    where metric = 'resolution'
),

counted as (
    select
        tenant_id,
        ticket_id,
        count(*) filter (where is_touch) as touches_count,
        count(*) filter (where is_public_agent_reply) as agent_replies_count,
        count(*) filter (where is_customer_reply) as customer_replies_count,
        count(*) filter (where step = 'assigned') as assignments_count
    from steps
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
        {{ seconds_in_status('solved') }}
    from statuses
    group by tenant_id, ticket_id
),

final as (
    select *
    from counted
    left join timed using (tenant_id, ticket_id)
    left join resolutions using (tenant_id, ticket_id)
)

select * from final
