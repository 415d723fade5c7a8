-- grain: one row per api.coze_call event
with

coze_calls as (
    select * from {{ ref('stg_ai_chatbot__coze_calls') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

api_prices as (
    select * from {{ ref('api_prices') }}
),

dated as (
    select
        coze_calls.*,
        tenants.currency,
        {{ local_date('coze_calls.occurred_at', 'tenants.timezone') }} as usage_date
    from coze_calls
    inner join tenants
        on coze_calls.tenant_id = tenants.tenant_id
),

final as (
    select
        dated.event_id,
        dated.tenant_id,
        dated.session_id,
        dated.emitter_id,
        dated.seq,
        dated.usage_date,
        dated.occurred_at as called_at,
        dated.workflow_id,
        dated.currency,
        api_prices.workflow_id is null as is_unpriced,
        api_prices.price_per_call as api_cost_amount
    from dated
    left join api_prices
        on
            dated.workflow_id = api_prices.workflow_id
            and dated.currency = api_prices.currency
            and dated.usage_date >= api_prices.valid_from
            and (dated.usage_date < api_prices.valid_to or api_prices.valid_to is null)
)

select * from final
