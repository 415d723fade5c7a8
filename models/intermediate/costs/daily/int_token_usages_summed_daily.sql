-- grain: one row per tenant, local date and language model used or workflow called; test sessions cost money too
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
        coalesce(cast(sum(prompt_tokens) as bigint), 0) as prompt_tokens,
        coalesce(cast(sum(cached_tokens) as bigint), 0) as cached_tokens,
        coalesce(cast(sum(completion_tokens) as bigint), 0) as completion_tokens,
        cast(coalesce(sum(token_cost_amount), 0) as numeric(18, 6)) as token_cost_amount,
        cast(sum(usages_count) as bigint) as usages_count,
        cast(sum(unpriced_usages_count) as bigint) as unpriced_usages_count,
        model,
        workflow_id,
        -- Null in the sums of sessions that were pruned before calls were counted.
        cast(coalesce(sum(api_calls_count), 0) as bigint) as api_calls_count,
        cast(coalesce(sum(api_cost_amount), 0) as numeric(18, 6)) as api_cost_amount,
        cast(coalesce(sum(unpriced_api_calls_count), 0) as bigint) as unpriced_api_calls_count
    from session_days
    group by tenant_id, usage_date, currency, model, workflow_id
)

select * from final
