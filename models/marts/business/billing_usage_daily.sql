-- grain: one row per tenant and local date with token usage or calls of workflows; test sessions cost money too
with

usage_days as (
    select * from {{ ref('int_token_usages_summed_daily') }}
),

plans as (
    select * from {{ ref('int_tenant_plans_dated') }}
),

days as (
    select * from {{ ref('int_days_finalized') }}
),

summed as (
    select
        tenant_id,
        usage_date,
        currency,
        cast(sum(usages_count) as bigint) as usages_count,
        cast(sum(api_calls_count) as bigint) as api_calls_count,
        cast(sum(prompt_tokens) as bigint) as prompt_tokens,
        cast(sum(cached_tokens) as bigint) as cached_tokens,
        cast(sum(completion_tokens) as bigint) as completion_tokens,
        cast(sum(token_cost_amount) as numeric(18, 6)) as token_cost_amount,
        cast(sum(api_cost_amount) as numeric(18, 6)) as api_cost_amount,
        cast(sum(unpriced_usages_count) as bigint) as unpriced_usages_count,
        cast(sum(unpriced_api_calls_count) as bigint) as unpriced_api_calls_count
    from usage_days
    group by tenant_id, usage_date, currency
),

to_date as (
    select
        *,
        cast(
            sum(prompt_tokens + completion_tokens) over (
                partition by tenant_id, {{ month_of('usage_date') }} order by usage_date
            ) as bigint
        ) as month_to_date_tokens,
        cast(extract(day from usage_date) as integer) as days_elapsed
    from summed
),

planned as (
    select
        to_date.*,
        days.is_final,
        plans.plan,
        plans.tokens_per_month,
        case
            when plans.tokens_per_month is not null
                then greatest(plans.tokens_per_month - to_date.month_to_date_tokens, 0)
        end as tokens_left
    from to_date
    left join days
        on to_date.tenant_id = days.tenant_id and to_date.usage_date = days.calendar_date
    left join plans
        on
            to_date.tenant_id = plans.tenant_id
            and to_date.usage_date >= plans.valid_from
            and (to_date.usage_date < plans.valid_to or plans.valid_to is null)
),

final as (
    select
        *,
        {{ ratio('month_to_date_tokens', 'tokens_per_month') }} as used_share,
        {{ ratio('tokens_left * days_elapsed', 'month_to_date_tokens') }} as days_left,
        -- A quota that is gone stays so; beyond the month there is a new one.
        case
            when tokens_left = 0
                then
                    min(usage_date) filter (where tokens_left = 0) over (
                        partition by tenant_id, {{ month_of('usage_date') }}, tokens_per_month order by usage_date
                    )
            when
                {{ ratio_rounded_up('tokens_left * days_elapsed', 'month_to_date_tokens') }}
                < {{ days_between('usage_date', month_after(month_of('usage_date'))) }}
                then
                    usage_date
                    + cast({{ ratio_rounded_up('tokens_left * days_elapsed', 'month_to_date_tokens') }} as integer)
        end as run_out_date
    from planned
)

select * from final
