-- grain: one row per tenant that event lines or the seed name
{{ config(materialized='view') }}
with

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

final as (
    select
        tenant_id,
        timezone,
        currency,
        is_configured
    from tenants
)

select * from final
