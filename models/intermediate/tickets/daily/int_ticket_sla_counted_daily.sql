-- grain: one row per tenant, local date on which clocks started, metric, priority, ticket type and team
{{
    config(
        pre_hook="{{ forget_touched_days('ticket', 'tenant_id, started_date', days_of_going_clocks()) }}",
    )
}}
with

clocks as (
    select * from {{ ref('fct_ticket_sla') }}
    {{ only_touched_days('ticket', 'tenant_id, started_date', days_of_going_clocks()) }}
),

final as (
    select
        tenant_id,
        started_date,
        metric,
        priority,
        coalesce(ticket_type, 'none') as ticket_type,
        coalesce(team, 'none') as team,
        count(*) as clocks_count,
        count(*) filter (where sla_status = 'met') as met_count,
        count(*) filter (where sla_status = 'breached') as breached_count,
        count(*) filter (where sla_status = 'running') as running_count,
        count(*) filter (where sla_status = 'paused') as paused_count,
        count(stopped_at) as stopped_count,
        cast(coalesce(sum(elapsed_business_seconds) filter (where stopped_at is not null), 0) as numeric(18, 6))
            as stopped_business_seconds_total,
        count(is_report_right) as reported_count,
        count(*) filter (where is_report_right) as reports_right_count
    from clocks
    group by tenant_id, started_date, metric, priority, coalesce(ticket_type, 'none'), coalesce(team, 'none')
)

select * from final
