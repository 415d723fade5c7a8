-- grain: one row per tenant and local date with token usage; test sessions cost money too
{{
    config(
        pre_hook="{{ forget_touched_days('session', 'tenant_id, usage_date') }}",
    )
}}
with

session_days as (
    select * from {{ ref('int_session_token_usages_summed_daily') }}
    {{ only_touched_days('session', 'tenant_id, usage_date') }}
),

final as (
    select
        tenant_id,
        usage_date,
        currency,
        cast(sum(prompt_tokens) as bigint) as prompt_tokens,
        cast(sum(cached_tokens) as bigint) as cached_tokens,
        cast(sum(completion_tokens) as bigint) as completion_tokens,
        cast(coalesce(sum(token_cost_amount), 0) as numeric(18, 6)) as token_cost_amount,
        cast(sum(usages_count) as bigint) as usages_count,
        cast(sum(unpriced_usages_count) as bigint) as unpriced_usages_count
    from session_days
    group by tenant_id, usage_date, currency
)

select * from final
