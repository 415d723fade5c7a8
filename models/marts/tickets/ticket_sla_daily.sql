-- grain: one row per tenant, local date on which clocks started, metric, priority, ticket type and team
with

counted as (
    select * from {{ ref('int_ticket_sla_counted_daily') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

last_load as (
    select least(max(loaded_at), {{ current_as_of() }}) as last_loaded_at from loads
),

final as (
    select
        counted.*,
        {{ ratio('counted.met_count', 'counted.met_count + counted.breached_count') }} as sla_attainment_rate,
        {{ ratio('counted.stopped_business_seconds_total', 'counted.stopped_count') }} as avg_stopped_business_seconds,
        {{ ratio('counted.reports_right_count', 'counted.reported_count') }} as report_accuracy_rate,
        -- The day is over, a load came so long after its end that no more lines are expected, and no clock goes on.
        counted.stopped_count = counted.clocks_count
        and {{ minutes_after(local_midnight('counted.started_date + 1', 'tenants.timezone'), var('lateness_minutes')) }}
        <= last_load.last_loaded_at as is_final
    from counted
    inner join tenants
        on counted.tenant_id = tenants.tenant_id
    cross join last_load
)

select * from final
