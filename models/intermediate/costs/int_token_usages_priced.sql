-- grain: one row per ai.token_usage event
with

token_usages as (
    select * from {{ ref('stg_ai_chatbot__token_usages') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

model_prices as (
    select * from {{ ref('model_prices') }}
),

dated as (
    select
        token_usages.*,
        -- Cached tokens are a part of the prompt, so there cannot be more of them.
        least(coalesce(token_usages.cached_tokens, 0), token_usages.prompt_tokens) as cached_prompt_tokens,
        tenants.currency,
        {{ local_date('token_usages.occurred_at', 'tenants.timezone') }} as usage_date
    from token_usages
    inner join tenants
        on token_usages.tenant_id = tenants.tenant_id
),

final as (
    select
        dated.event_id,
        dated.tenant_id,
        dated.session_id,
        dated.emitter_id,
        dated.seq,
        dated.workflow_id,
        dated.source_file_id,
        dated.line_number,
        dated.usage_date,
        dated.occurred_at as used_at,
        dated.model,
        dated.provider,
        dated.prompt_tokens,
        dated.cached_prompt_tokens,
        dated.completion_tokens,
        dated.currency,
        model_prices.model is null as is_unpriced,
        model_prices.prompt_per_1k,
        model_prices.cached_per_1k,
        model_prices.completion_per_1k,
        {{ ratio(
            '((dated.prompt_tokens - dated.cached_prompt_tokens) * model_prices.prompt_per_1k'
            ' + dated.cached_prompt_tokens * model_prices.cached_per_1k'
            ' + dated.completion_tokens * model_prices.completion_per_1k)',
            '1000'
        ) }} as token_cost_amount
    from dated
    left join model_prices
        on
            dated.model = model_prices.model
            and dated.currency = model_prices.currency
            and dated.usage_date >= model_prices.valid_from
            and (dated.usage_date < model_prices.valid_to or model_prices.valid_to is null)
)

select * from final
