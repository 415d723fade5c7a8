-- grain: one row per tenant and local dates on which tickets were created, came into an open status and left it
{{
    config(
        pre_hook="{{ forget_touched_days('ticket', 'tenant_id, created_date') }}",
    )
}}
with

statuses as (
    select * from {{ ref('fct_ticket_history') }}
    {{ only_touched_days('ticket', 'tenant_id, created_date') }}
),

-- From one open status to the next a ticket stays in the backlog: the parts add up.
final as (
    select
        tenant_id,
        created_date,
        started_date,
        coalesce(ended_date, date '9999-12-31') as ended_date,
        count(*) as tickets_count
    from statuses
    where
        attribute = 'status'
        and attribute_value not in ('solved', 'closed')
        and created_date is not null
    group by tenant_id, created_date, started_date, coalesce(ended_date, date '9999-12-31')
)

select * from final
