-- grain: one row per tenant, local date and hour in which sessions began to wait for a human, or ceased to; no tests
{{
    config(
        pre_hook="{{ forget_touched_days('session', 'tenant_id, queue_date') }}",
    )
}}
with

entered as (
    select * from {{ ref('fct_queue_waits') }}
    {{ only_touched_days('session', 'tenant_id, wait_date') }}
),

left_behind as (
    select * from {{ ref('fct_queue_waits') }}
    {{ only_touched_days('session', 'tenant_id, left_date') }}
),

moves as (
    select
        tenant_id, wait_date as queue_date, {{ hour_of('escalated_at') }} as hour_started_at,
        true as is_entry, wait_end, wait_seconds, is_test
    from entered
    union all
    select
        tenant_id, left_date as queue_date, {{ hour_of('left_at') }} as hour_started_at,
        false as is_entry, wait_end, null as wait_seconds, is_test
    from left_behind
    where left_at is not null
),

final as (
    select
        tenant_id,
        queue_date,
        hour_started_at,
        count(*) filter (where is_entry and wait_end is distinct from 'rejected') as entered_count,
        count(*) filter (where is_entry and wait_end = 'rejected') as turned_down_count,
        count(*) filter (where is_entry and wait_end = 'taken_over') as taken_over_count,
        count(*) filter (where is_entry and wait_end = 'answered') as answered_count,
        count(*) filter (where is_entry and wait_end = 'abandoned') as given_up_count,
        count(*) filter (where not is_entry and wait_end != 'rejected') as left_count,
        sum(wait_seconds) filter (where wait_end in ('taken_over', 'answered')) as wait_seconds_total,
        {{ percentile(0.9, 'wait_seconds', "wait_end in ('taken_over', 'answered')") }} as p90_wait_seconds,
        max(wait_seconds) filter (where wait_end in ('taken_over', 'answered')) as longest_wait_seconds,
        sum(wait_seconds) filter (where wait_end = 'abandoned') as abandoned_wait_seconds_total
    from moves
    where not is_test
    group by tenant_id, queue_date, hour_started_at
)

select * from final
