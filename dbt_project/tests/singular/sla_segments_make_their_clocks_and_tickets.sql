-- Offenders: clocks whose elapsed time is not that of their segments, and tickets whose resolution clock does not
-- cover the time in which they were open.
with

segments as (
    select
        tenant_id,
        ticket_id,
        metric,
        application_number,
        sum(business_seconds) as business_seconds,
        sum(calendar_seconds) as calendar_seconds,
        sum(calendar_seconds) filter (where segment_type = 'running') as running_seconds
    from {{ ref('fct_ticket_sla_segments') }}
    group by tenant_id, ticket_id, metric, application_number
),

clocks as (
    select * from {{ ref('fct_ticket_sla') }}
),

tickets as (
    select * from {{ ref('fct_tickets') }}
)

select
    tenant_id,
    ticket_id,
    metric,
    application_number
from clocks
full outer join segments using (tenant_id, ticket_id, metric, application_number)
left join tickets using (tenant_id, ticket_id)
where
    clocks.elapsed_business_seconds is distinct from coalesce(segments.business_seconds, 0)
    or clocks.elapsed_calendar_seconds is distinct from coalesce(segments.running_seconds, 0)
    or (
        metric = 'resolution'
        and coalesce(segments.calendar_seconds, 0)
        is distinct from tickets.new_seconds + tickets.open_seconds + tickets.pending_seconds + tickets.on_hold_seconds
    )
