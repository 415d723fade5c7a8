-- grain: one row per tenant and local month in which tickets were closed
with

tickets as (
    select * from {{ ref('fct_tickets') }}
),

counted as (
    select
        tenant_id,
        {{ month_of('closed_date') }} as month,
        count(*) as closed_tickets_count,
        count(resolution_seconds) as resolved_tickets_count,
        sum(resolution_seconds) as resolution_seconds_total,
        count(*) filter (where is_sla_met_reported) as sla_met_tickets_count,
        count(is_sla_met_reported) as sla_reported_tickets_count
    from tickets
    where closed_date is not null
    group by tenant_id, {{ month_of('closed_date') }}
),

final as (
    select
        *,
        {{ ratio('resolution_seconds_total', 'resolved_tickets_count * 3600') }} as avg_resolution_hours,
        {{ ratio('sla_met_tickets_count', 'sla_reported_tickets_count') }} as sla_attainment_rate
    from counted
)

select * from final
