-- grain: one row per event line of a touched ticket: its local date, and the build that last computed it for a line
with

base_event_lines as (
    select * from {{ ref('base_event_lines') }}
),

touched as (
    select * from {{ ref('int_tickets_touched') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

-- Whatever day a ticket counted on, now or at an earlier build, is the day of one of its events.
final as (
    select
        touched.tenant_id,
        touched.ticket_id,
        {{ local_date('base_event_lines.occurred_at', 'tenants.timezone') }} as touched_date,
        touched.named_build_id as build_id
    from touched
    inner join base_event_lines
        on touched.tenant_id = base_event_lines.tenant_id and touched.ticket_id = base_event_lines.ticket_id
    inner join tenants
        on touched.tenant_id = tenants.tenant_id
)

select * from final
