-- grain: one row per tenant and local date on which tickets were closed
{{
    config(
        pre_hook="{{ forget_touched_days('ticket', 'tenant_id, closed_date') }}",
    )
}}
with

tickets as (
    select * from {{ ref('fct_tickets') }}
    {{ only_touched_days('ticket', 'tenant_id, closed_date') }}
),

claimed as (
    select
        *,
        {{ workbench_claim('reported_resolution_hours', 'resolution_seconds / 3600', 'claim_tolerance_hours') }}
            as hours_claim,
        is_sla_met_reported = is_sla_met as is_sla_claim_right
    from tickets
),

final as (
    select
        tenant_id,
        closed_date,
        count(*) as closed_tickets_count,
        count(resolution_seconds) as resolved_tickets_count,
        sum(resolution_seconds) as resolution_seconds_total,
        count(*) filter (where is_sla_met) as sla_met_tickets_count,
        count(*) filter (where not is_sla_met) as sla_breached_tickets_count,
        count(*) filter (where is_sla_met_reported) as sla_reported_met_tickets_count,
        count(is_sla_met_reported) as sla_reported_tickets_count,
        count(hours_claim) as hours_claims_count,
        count(*) filter (where hours_claim = 'differs') as differing_hours_claims_count,
        count(is_sla_claim_right) as sla_claims_count,
        count(*) filter (where not is_sla_claim_right) as differing_sla_claims_count
    from claimed
    where closed_date is not null
    group by tenant_id, closed_date
)

select * from final
