-- grain: one row per tenant and local month in which tickets were closed
{{ config(materialized='view') }}
with

ticket_days as (
    select * from {{ ref('int_tickets_counted_daily') }}
),

counted as (
    select
        tenant_id,
        {{ month_of('closed_date') }} as month,
        cast(sum(closed_tickets_count) as bigint) as closed_tickets_count,
        cast(sum(resolved_tickets_count) as bigint) as resolved_tickets_count,
        sum(resolution_seconds_total) as resolution_seconds_total,
        cast(sum(sla_met_tickets_count) as bigint) as sla_met_tickets_count,
        cast(sum(sla_breached_tickets_count) as bigint) as sla_breached_tickets_count,
        cast(sum(sla_reported_met_tickets_count) as bigint) as sla_reported_met_tickets_count,
        cast(sum(sla_reported_tickets_count) as bigint) as sla_reported_tickets_count
    from ticket_days
    group by tenant_id, {{ month_of('closed_date') }}
),

final as (
    select
        *,
        {{ ratio('resolution_seconds_total', 'resolved_tickets_count * 3600') }} as avg_resolution_hours,
        {{ ratio('sla_met_tickets_count', 'sla_met_tickets_count + sla_breached_tickets_count') }}
            as sla_attainment_rate,
        {{ ratio('sla_reported_met_tickets_count', 'sla_reported_tickets_count') }} as reported_sla_attainment_rate
    from counted
)

select * from final
