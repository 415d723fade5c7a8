-- grain: one row per call of a language model
with

token_usages as (
    select * from {{ ref('int_token_usages_priced') }}
),

final as (
    select
        event_id,
        tenant_id,
        session_id,
        workflow_id,
        source_file_id,
        line_number,
        usage_date,
        used_at,
        model,
        provider,
        currency,
        is_unpriced,
        prompt_tokens,
        cached_prompt_tokens as cached_tokens,
        completion_tokens,
        prompt_per_1k as prompt_per_1k_amount,
        cached_per_1k as cached_per_1k_amount,
        completion_per_1k as completion_per_1k_amount,
        token_cost_amount
    from token_usages
)

select * from final
