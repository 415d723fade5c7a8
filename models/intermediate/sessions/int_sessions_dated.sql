-- grain: one row per tenant and session: its bounds, local date and what a human contact cost on that date
with

sessions as (
    select * from {{ ref('int_sessions_bounded') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

human_costs as (
    select * from {{ ref('int_tenant_human_costs_dated') }}
),

dated as (
    select
        sessions.*,
        tenants.currency,
        {{ local_date('sessions.started_at', 'tenants.timezone') }} as session_date
    from sessions
    inner join tenants
        on sessions.tenant_id = tenants.tenant_id
),

final as (
    select
        dated.*,
        human_costs.cost_per_contact as human_cost_per_contact_amount,
        human_costs.cost_per_hour as human_cost_per_hour_amount
    from dated
    left join human_costs
        on
            dated.tenant_id = human_costs.tenant_id
            and dated.session_date >= human_costs.valid_from
            and (dated.session_date < human_costs.valid_to or human_costs.valid_to is null)
)

select * from final
