-- grain: one row per tenant and session with token usage
with

token_usages as (
    select * from {{ ref('int_token_usages_priced') }}
),

final as (
    select
        tenant_id,
        session_id,
        sum(prompt_tokens) as prompt_tokens,
        sum(cached_prompt_tokens) as cached_tokens,
        sum(completion_tokens) as completion_tokens,
        sum(token_cost_amount) as token_cost_amount,
        count(*) filter (where is_unpriced) as unpriced_usages_count
    from token_usages
    group by tenant_id, session_id
)

select * from final
