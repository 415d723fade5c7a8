-- grain: one row per tenant, local month and scenario
with

sessions as (
    select * from {{ ref('fct_sessions') }}
),

platform_fees as (
    select * from {{ ref('int_tenant_platform_fees_dated') }}
),

roi_scenarios as (
    select * from {{ ref('roi_scenarios') }}
),

months as (
    select
        tenant_id,
        {{ month_of('session_date') }} as month,
        currency,
        count(*) as sessions_count,
        count(*) filter (where not is_escalated) as house_resolved_count,
        count(*) filter (where outcome in ('confirmed_resolved', 'assumed_resolved')) as standard_resolved_count,
        count(*) filter (where human_cost_per_contact_amount is null) as uncosted_sessions_count,
        sum(human_cost_per_contact_amount) filter (where not is_escalated) as house_human_cost_amount,
        sum(human_cost_per_contact_amount) filter (where outcome in ('confirmed_resolved', 'assumed_resolved'))
            as standard_human_cost_amount,
        cast(coalesce(sum(token_cost_amount), 0) as numeric(18, 6)) as token_cost_amount,
        cast(sum(unpriced_usages_count) as bigint) as unpriced_usages_count
    from sessions
    where not is_test
    group by tenant_id, {{ month_of('session_date') }}, currency
),

valued as (
    select
        months.*,
        roi_scenarios.scenario,
        cast(coalesce(months.house_human_cost_amount, 0) as numeric(18, 6)) as house_cost_saving_amount,
        cast(coalesce(months.standard_human_cost_amount, 0) * roi_scenarios.human_cost_factor as numeric(18, 6))
            as human_cost_avoided_amount,
        cast(coalesce(platform_fees.fee_per_month, 0) as numeric(18, 6)) as platform_fee_amount,
        platform_fees.tenant_id is not null as has_platform_fee,
        cast(months.token_cost_amount + coalesce(platform_fees.fee_per_month, 0) as numeric(18, 6)) as ai_cost_amount
    from months
    cross join roi_scenarios
    left join platform_fees
        on
            months.tenant_id = platform_fees.tenant_id
            and months.month >= platform_fees.valid_from
            and (months.month < platform_fees.valid_to or platform_fees.valid_to is null)
),

final as (
    select
        tenant_id,
        month,
        scenario,
        currency,
        has_platform_fee,
        sessions_count,
        house_resolved_count,
        standard_resolved_count,
        uncosted_sessions_count,
        unpriced_usages_count,
        house_cost_saving_amount,
        human_cost_avoided_amount,
        token_cost_amount,
        platform_fee_amount,
        ai_cost_amount,
        cast(human_cost_avoided_amount - ai_cost_amount as numeric(18, 6)) as net_saving_amount,
        {{ ratio('human_cost_avoided_amount - ai_cost_amount', 'ai_cost_amount') }} as roi_ratio,
        {{ ratio('ai_cost_amount', 'standard_resolved_count') }} as cost_per_ai_resolution_amount,
        {{ ratio('human_cost_avoided_amount', 'standard_resolved_count') }} as cost_per_human_contact_amount,
        -- Resolved sessions at which avoided cost and platform fee are equal, each resolution paying its own tokens.
        cast(
            ceil(
                platform_fee_amount * standard_resolved_count
                / nullif(greatest(human_cost_avoided_amount - token_cost_amount, 0), 0)
            ) as bigint
        ) as break_even_resolved_count
    from valued
)

select * from final
