-- grain: one row per tenant and period in which one platform fee holds
with

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

platform_fees as (
    select * from {{ ref('platform_fees') }}
),

-- distinct: a tenant has a row per period.
tenants_with_own_fees as (
    select distinct tenant_id from platform_fees
),

final as (
    select
        tenants.tenant_id,
        platform_fees.valid_from,
        platform_fees.valid_to,
        platform_fees.fee_per_month
    from tenants
    left join tenants_with_own_fees
        on tenants.tenant_id = tenants_with_own_fees.tenant_id
    inner join platform_fees
        on
            coalesce(tenants_with_own_fees.tenant_id, 'default') = platform_fees.tenant_id
            -- Nothing is converted: what is given in another currency does not hold for the tenant.
            and tenants.currency = platform_fees.currency
)

select * from final
