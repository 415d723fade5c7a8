-- grain: one row per tenant, local date on which sessions started, and whether a human touched them; tests excluded
with

profiles as (
    select * from {{ ref('int_sessions_profiled_daily') }}
),

days as (
    select * from {{ ref('int_days_finalized') }}
),

counted as (
    select
        tenant_id,
        session_date,
        touch,
        {{ profiled('touch') }} as sessions_count,
        {{ profiled('score') }} as rated_sessions_count,
        {{ profiled('score', '1') }} as score_1_count,
        {{ profiled('score', '2') }} as score_2_count,
        {{ profiled('score', '3') }} as score_3_count,
        {{ profiled('score', '4') }} as score_4_count,
        {{ profiled('score', '5') }} as score_5_count,
        {{ profiled('feedback') }} as judged_sessions_count,
        {{ profiled('feedback', 'helpful') }} as helpful_count
    from profiles
    where touch != 'any'
    group by tenant_id, session_date, touch
),

final as (
    select
        counted.*,
        days.is_final,
        {{ ratio('rated_sessions_count', 'sessions_count') }} as rating_rate,
        {{ ratio(
            'score_1_count + 2 * score_2_count + 3 * score_3_count + 4 * score_4_count + 5 * score_5_count',
            'score_1_count + score_2_count + score_3_count + score_4_count + score_5_count'
        ) }} as avg_score,
        {{ ratio('score_4_count + score_5_count', 'rated_sessions_count') }} as satisfied_rate,
        {{ ratio('helpful_count', 'judged_sessions_count') }} as helpful_rate
    from counted
    left join days
        on counted.tenant_id = days.tenant_id and counted.session_date = days.calendar_date
)

select * from final
