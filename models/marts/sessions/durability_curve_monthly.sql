-- grain: one row per tenant, local month in which sessions started, and hours since the resolution (24, 48 … 168)
{{ config(materialized='view') }}
with

session_months as (
    select * from {{ ref('ai_resolution_monthly') }}
),

curve as (
    select tenant_id, month, mature_168h_count, 24 as hours_since_resolution, lasting_24h_count as lasting_count
    from session_months
    union all
    select tenant_id, month, mature_168h_count, 48 as hours_since_resolution, lasting_48h_count as lasting_count
    from session_months
    union all
    select tenant_id, month, mature_168h_count, 72 as hours_since_resolution, lasting_72h_count as lasting_count
    from session_months
    union all
    select tenant_id, month, mature_168h_count, 96 as hours_since_resolution, lasting_96h_count as lasting_count
    from session_months
    union all
    select tenant_id, month, mature_168h_count, 120 as hours_since_resolution, lasting_120h_count as lasting_count
    from session_months
    union all
    select tenant_id, month, mature_168h_count, 144 as hours_since_resolution, lasting_144h_count as lasting_count
    from session_months
    union all
    select tenant_id, month, mature_168h_count, 168 as hours_since_resolution, durable_168h_count as lasting_count
    from session_months
),

final as (
    select
        *,
        {{ ratio('lasting_count', 'mature_168h_count') }} as lasting_rate
    from curve
)

select * from final
