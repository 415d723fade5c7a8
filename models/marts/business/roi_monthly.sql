-- grain: one row per tenant, local month with sessions or token usage, and scenario
with

session_months as (
    select * from {{ ref('ai_resolution_monthly') }}
),

token_months as (
    select * from {{ ref('token_usage_monthly') }}
),

platform_fees as (
    select * from {{ ref('int_tenant_platform_fees_dated') }}
),

roi_scenarios as (
    select * from {{ ref('roi_scenarios') }}
),

-- union: a month stands once, whether it has sessions, tokens or both.
months as (
    select tenant_id, month, currency from session_months
    union
    select tenant_id, month, currency from token_months
),

valued as (
    select
        months.tenant_id,
        months.month,
        roi_scenarios.scenario,
        months.currency,
        platform_fees.tenant_id is not null as has_platform_fee,
        coalesce(session_months.sessions_count, 0) as sessions_count,
        coalesce(session_months.ai_resolved_sessions_count, 0) as house_resolved_count,
        coalesce(session_months.confirmed_resolved_count + session_months.assumed_resolved_count, 0)
            as standard_resolved_count,
        coalesce(session_months.costed_resolved_count, 0) as costed_resolved_count,
        coalesce(session_months.durable_168h_count, 0) as durable_resolved_count,
        coalesce(session_months.mature_168h_count, 0) as mature_resolved_count,
        coalesce(session_months.uncosted_sessions_count, 0) as uncosted_sessions_count,
        coalesce(token_months.unpriced_usages_count, 0) as unpriced_usages_count,
        coalesce(token_months.unpriced_api_calls_count, 0) as unpriced_api_calls_count,
        cast(coalesce(session_months.cost_saving_amount, 0) as numeric(18, 6)) as house_cost_saving_amount,
        cast(
            coalesce(session_months.standard_cost_saving_amount, 0) * roi_scenarios.human_cost_factor as numeric(18, 6)
        ) as human_cost_avoided_amount,
        cast(coalesce(token_months.token_cost_amount, 0) as numeric(18, 6)) as token_cost_amount,
        cast(coalesce(token_months.api_cost_amount, 0) as numeric(18, 6)) as api_cost_amount,
        cast(coalesce(platform_fees.fee_per_month, 0) as numeric(18, 6)) as platform_fee_amount,
        cast(
            coalesce(token_months.token_cost_amount, 0) + coalesce(token_months.api_cost_amount, 0)
            + coalesce(platform_fees.fee_per_month, 0) as numeric(18, 6)
        ) as ai_cost_amount
    from months
    cross join roi_scenarios
    left join session_months
        on months.tenant_id = session_months.tenant_id and months.month = session_months.month
    left join token_months
        on months.tenant_id = token_months.tenant_id and months.month = token_months.month
    left join platform_fees
        on
            months.tenant_id = platform_fees.tenant_id
            and months.month >= platform_fees.valid_from
            and (months.month < platform_fees.valid_to or platform_fees.valid_to is null)
),

final as (
    select
        *,
        cast(human_cost_avoided_amount - ai_cost_amount as numeric(18, 6)) as net_saving_amount,
        -- What the AI costs is not known without its fee.
        case
            when has_platform_fee then {{ ratio('human_cost_avoided_amount - ai_cost_amount', 'ai_cost_amount') }}
        end as roi_ratio,
        {{ ratio('ai_cost_amount', 'standard_resolved_count') }} as cost_per_ai_resolution_amount,
        {{ ratio('human_cost_avoided_amount', 'costed_resolved_count') }} as cost_per_human_contact_amount,
        -- Resolved sessions at which avoided cost and fee are equal, each resolution paying its own tokens and calls.
        case
            when has_platform_fee
                then
                    {{ ratio_rounded_up(
                        'platform_fee_amount * standard_resolved_count',
                        'greatest(human_cost_avoided_amount - token_cost_amount - api_cost_amount, 0)'
                    ) }}
        end as break_even_resolved_count
    from valued
)

select * from final
