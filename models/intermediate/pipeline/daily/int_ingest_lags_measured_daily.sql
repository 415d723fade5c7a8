-- grain: one row per product and day in UTC on which its events were loaded
with

lines as (
    select * from {{ ref('base_event_lines') }}
    {{ only_of_loads(loads_of_touched_days()) }}
),

loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

lagged as (
    select
        lines.product,
        loads.loaded_on,
        {{ seconds_between('lines.occurred_at', 'loads.loaded_at') }} as lag_seconds
    from lines
    inner join loads
        on lines.load_id = loads.load_id
    where lines.copy_number = 1
    {{ computed_once() }}
),

final as (
    select
        product,
        loaded_on,
        count(*) as events_count,
        count(*) filter (where lag_seconds > 60 * {{ var('lateness_minutes') }}) as late_events_count,
        {{ percentile(0.5, 'lag_seconds') }} as p50_lag_seconds,
        {{ percentile(0.95, 'lag_seconds') }} as p95_lag_seconds,
        max(lag_seconds) as max_lag_seconds
    from lagged
    group by product, loaded_on
)

select * from final
