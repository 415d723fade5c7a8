-- grain: one row per emitter, product and day in UTC that its lines bear
with

runs as (
    select * from {{ ref('int_emitter_numbers_merged') }}
),

loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

last_load as (
    select least(max(loaded_at), {{ current_as_of() }}) as last_loaded_at from loads
),

-- A gap counts on the day of the line behind it; the numbers begin with 0.
followed as (
    select
        *,
        first_seq - 1 - coalesce(
            max(last_seq) over (
                partition by emitter_id
                order by first_seq, last_seq, event_date, product
                rows between unbounded preceding and 1 preceding
            ),
            -1
        ) as gap_lines_count
    from runs
),

counted as (
    select
        emitter_id,
        product,
        event_date,
        cast(sum(last_seq - first_seq + 1) as bigint) as arrived_lines_count,
        cast(sum(greatest(gap_lines_count, 0)) as bigint) as lost_lines_count
    from followed
    group by emitter_id, product, event_date
),

final as (
    select
        emitter_id,
        product,
        event_date,
        arrived_lines_count + lost_lines_count as expected_lines_count,
        arrived_lines_count,
        lost_lines_count,
        {{ ratio('lost_lines_count', '(arrived_lines_count + lost_lines_count)') }} as loss_rate,
        lost_lines_count < {{ var('event_loss_rate_goal') }} * (arrived_lines_count + lost_lines_count) as is_goal_met,
        event_date < {{ local_date(
            minutes_after('last_load.last_loaded_at', '(-' ~ var('lateness_minutes') ~ ')'), "'UTC'"
        ) }} as is_final
    from counted
    cross join last_load
)

select * from final
