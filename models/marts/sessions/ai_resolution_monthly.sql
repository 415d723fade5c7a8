-- grain: one row per tenant and local month in which sessions started; test sessions excluded
with

sessions as (
    select * from {{ ref('fct_sessions') }}
),

counted as (
    select
        tenant_id,
        {{ month_of('session_date') }} as month,
        currency,
        count(*) as sessions_count,
        count(*) filter (where is_escalated) as escalated_sessions_count,
        count(*) filter (where not is_escalated) as ai_resolved_sessions_count,
        count(*) filter (where {{ is_engaged() }}) as engaged_count,
        count(*) filter (where outcome = 'confirmed_resolved') as confirmed_resolved_count,
        count(*) filter (where outcome = 'assumed_resolved') as assumed_resolved_count,
        cast(sum(timed_ai_turns_count) as bigint) as timed_ai_turns_count,
        cast(sum(ai_response_time_ms_total) as bigint) as ai_response_time_ms_total,
        coalesce(sum(human_cost_per_contact_amount) filter (where not is_escalated), 0) as cost_saving_amount,
        count(*) filter (where human_cost_per_contact_amount is null) as uncosted_sessions_count
    from sessions
    where not is_test
    group by tenant_id, {{ month_of('session_date') }}, currency
),

final as (
    select
        *,
        {{ ratio('ai_resolved_sessions_count', 'sessions_count') }} as ai_resolution_rate,
        {{ ratio('escalated_sessions_count', 'sessions_count') }} as escalation_rate,
        {{ ratio('confirmed_resolved_count', 'engaged_count') }} as resolution_rate_strict,
        {{ ratio('confirmed_resolved_count + assumed_resolved_count', 'engaged_count') }} as resolution_rate_standard,
        {{ ratio('ai_response_time_ms_total', 'timed_ai_turns_count') }} as avg_ai_response_time_ms
    from counted
)

select * from final
