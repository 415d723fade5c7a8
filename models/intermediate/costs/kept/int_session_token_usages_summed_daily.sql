-- grain: one row per tenant, session and local date with token usage
with

token_usages as (
    select * from {{ ref('int_token_usages_priced') }}
    {{ only_touched_in_view(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

final as (
    select
        tenant_id,
        session_id,
        usage_date,
        currency,
        cast(sum(prompt_tokens) as bigint) as prompt_tokens,
        cast(sum(cached_prompt_tokens) as bigint) as cached_tokens,
        cast(sum(completion_tokens) as bigint) as completion_tokens,
        cast(sum(token_cost_amount) as numeric(18, 6)) as token_cost_amount,
        count(*) as usages_count,
        count(*) filter (where is_unpriced) as unpriced_usages_count
    from token_usages
    group by tenant_id, session_id, usage_date, currency
)

select * from final
