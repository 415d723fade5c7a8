-- grain: one row per product and day in UTC on which its events were loaded
with

lags as (
    select * from {{ ref('int_ingest_lags_measured_daily') }}
),

loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

last_load as (
    select max(loaded_on) as last_loaded_on from loads
),

final as (
    select
        lags.product,
        lags.loaded_on,
        lags.events_count,
        lags.late_events_count,
        lags.p50_lag_seconds,
        lags.p95_lag_seconds,
        lags.max_lag_seconds,
        lags.loaded_on < last_load.last_loaded_on as is_final
    from lags
    cross join last_load
)

select * from final
