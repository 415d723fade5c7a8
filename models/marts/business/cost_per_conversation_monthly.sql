-- grain: one row per tenant and local month in which sessions started
with

session_months as (
    select * from {{ ref('ai_resolution_monthly') }}
),

final as (
    select
        tenant_id,
        month,
        currency,
        sessions_count,
        incompletely_costed_count,
        sessions_token_cost_amount,
        sessions_api_cost_amount,
        sessions_human_cost_amount,
        sessions_cost_amount,
        {{ ratio('sessions_token_cost_amount', 'sessions_count') }} as avg_token_cost_amount,
        {{ ratio('sessions_api_cost_amount', 'sessions_count') }} as avg_api_cost_amount,
        {{ ratio('sessions_human_cost_amount', 'sessions_count') }} as avg_human_cost_amount,
        avg_cost_per_conversation_amount
    from session_months
)

select * from final
