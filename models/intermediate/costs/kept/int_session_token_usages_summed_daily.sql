-- grain: one row per tenant, session, local date and language model used or workflow called
with

token_usages as (
    select * from {{ ref('int_token_usages_priced') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

api_calls as (
    select * from {{ ref('int_api_calls_priced') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
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
        count(*) filter (where is_unpriced) as unpriced_usages_count,
        model,
        cast(null as text) as workflow_id,
        0 as api_calls_count,
        cast(null as numeric(18, 6)) as api_cost_amount,
        0 as unpriced_api_calls_count
    from token_usages
    group by tenant_id, session_id, usage_date, currency, model
    union all
    select
        tenant_id,
        session_id,
        usage_date,
        currency,
        null as prompt_tokens,
        null as cached_tokens,
        null as completion_tokens,
        null as token_cost_amount,
        0 as usages_count,
        0 as unpriced_usages_count,
        null as model,
        workflow_id,
        count(*) as api_calls_count,
        cast(sum(api_cost_amount) as numeric(18, 6)) as api_cost_amount,
        count(*) filter (where is_unpriced) as unpriced_api_calls_count
    from api_calls
    group by tenant_id, session_id, usage_date, currency, workflow_id
)

select * from final
