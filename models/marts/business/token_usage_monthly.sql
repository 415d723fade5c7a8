-- grain: one row per tenant and local month with token usage or calls of workflows; test sessions cost money too
with

usage_days as (
    select * from {{ ref('int_token_usages_summed_daily') }}
),

final as (
    select
        tenant_id,
        {{ month_of('usage_date') }} as month,
        currency,
        cast(sum(prompt_tokens) as bigint) as prompt_tokens,
        cast(sum(cached_tokens) as bigint) as cached_tokens,
        cast(sum(completion_tokens) as bigint) as completion_tokens,
        cast(sum(token_cost_amount) as numeric(18, 6)) as token_cost_amount,
        cast(sum(usages_count) as bigint) as usages_count,
        cast(sum(unpriced_usages_count) as bigint) as unpriced_usages_count,
        cast(sum(api_calls_count) as bigint) as api_calls_count,
        cast(sum(api_cost_amount) as numeric(18, 6)) as api_cost_amount,
        cast(sum(unpriced_api_calls_count) as bigint) as unpriced_api_calls_count
    from usage_days
    group by tenant_id, {{ month_of('usage_date') }}, currency
)

select * from final
