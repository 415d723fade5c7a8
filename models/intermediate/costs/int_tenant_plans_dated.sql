-- grain: one row per tenant and period in which one plan holds
with

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

tenant_plans as (
    select * from {{ ref('tenant_plans') }}
),

-- distinct: a tenant has a row per period.
tenants_with_own_plans as (
    select distinct tenant_id from tenant_plans
),

final as (
    select
        tenants.tenant_id,
        tenant_plans.plan,
        tenant_plans.valid_from,
        tenant_plans.valid_to,
        tenant_plans.tokens_per_month
    from tenants
    left join tenants_with_own_plans
        on tenants.tenant_id = tenants_with_own_plans.tenant_id
    inner join tenant_plans
        on coalesce(tenants_with_own_plans.tenant_id, 'default') = tenant_plans.tenant_id
)

select * from final
