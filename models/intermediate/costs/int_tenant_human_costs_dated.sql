-- grain: one row per tenant and period in which one human cost per contact holds
with

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

human_costs as (
    select * from {{ ref('human_costs') }}
),

-- distinct: a tenant has a row per period.
tenants_with_own_costs as (
    select distinct tenant_id from human_costs
),

final as (
    select
        tenants.tenant_id,
        human_costs.valid_from,
        human_costs.valid_to,
        human_costs.cost_per_contact,
        human_costs.cost_per_hour
    from tenants
    left join tenants_with_own_costs
        on tenants.tenant_id = tenants_with_own_costs.tenant_id
    inner join human_costs
        on
            coalesce(tenants_with_own_costs.tenant_id, 'default') = human_costs.tenant_id
            -- Nothing is converted: what is given in another currency does not hold for the tenant.
            and tenants.currency = human_costs.currency
)

select * from final
