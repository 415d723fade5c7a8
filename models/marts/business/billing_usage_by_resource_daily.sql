-- grain: one row per tenant, local date and language model used or workflow called; test sessions cost money too
with

usage_days as (
    select * from {{ ref('int_token_usages_summed_daily') }}
),

days as (
    select * from {{ ref('int_days_finalized') }}
),

final as (
    select
        usage_days.tenant_id,
        usage_date,
        case when workflow_id is null then 'model' else 'workflow' end as resource_type,
        coalesce(workflow_id, model, '(not known)') as resource_name,
        currency,
        case when workflow_id is null then usages_count else api_calls_count end as calls_count,
        prompt_tokens,
        cached_tokens,
        completion_tokens,
        case when workflow_id is null then token_cost_amount else api_cost_amount end as cost_amount,
        case when workflow_id is null then unpriced_usages_count else unpriced_api_calls_count end
            as unpriced_calls_count,
        days.is_final
    from usage_days
    left join days
        on usage_days.tenant_id = days.tenant_id and usage_days.usage_date = days.calendar_date
)

select * from final
