-- grain: one row per tenant, and day, week or month in which sessions with a timed AI answer started; tests excluded
{{ config(materialized='view') }}
with

response_times as (
    select * from {{ ref('int_response_times_counted_daily') }}
),

dated as (
    select
        response_times.*,
        period_types.period_type,
        {{ period_of('period_types.period_type', 'response_times.session_date') }} as period_start
    from response_times
    cross join {{ period_types() }}
),

counted as (
    select
        tenant_id,
        period_type,
        period_start,
        response_time_ms,
        sum(answers_count) as answers_count
    from dated
    group by tenant_id, period_type, period_start, response_time_ms
),

ranked as (
    select
        *,
        sum(answers_count) over (
            partition by tenant_id, period_type, period_start order by response_time_ms
        ) as answers_until_count,
        sum(answers_count) over (partition by tenant_id, period_type, period_start) as all_answers_count
    from counted
),

final as (
    select
        tenant_id,
        period_type,
        period_start,
        cast(all_answers_count as bigint) as timed_ai_turns_count,
        cast(sum(response_time_ms * answers_count) as bigint) as ai_response_time_ms_total,
        {{ ratio('sum(response_time_ms * answers_count)', 'all_answers_count') }} as avg_ai_response_time_ms,
        {{ percentile_of_counts(0.5, 'response_time_ms', 'answers_until_count', 'all_answers_count') }}
            as p50_ai_response_time_ms,
        {{ percentile_of_counts(0.9, 'response_time_ms', 'answers_until_count', 'all_answers_count') }}
            as p90_ai_response_time_ms,
        {{ percentile_of_counts(0.95, 'response_time_ms', 'answers_until_count', 'all_answers_count') }}
            as p95_ai_response_time_ms
    from ranked
    group by tenant_id, period_type, period_start, all_answers_count
)

select * from final
