-- grain: one row per tenant and local date on which sessions started
with

session_days as (
    select * from {{ ref('int_session_counts_joined_daily') }}
    where dimension = 'all'
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

last_load as (
    select least(max(loaded_at), {{ as_of() }}) as last_loaded_at from loads
),

counted as (
    select
        tenant_id,
        session_date,
        currency,
        {{ summed_session_counts() }}
    from session_days
    group by tenant_id, session_date, currency
),

final as (
    select
        counted.*,
        {{ session_rates() }},
        -- The day is over, a load came so long after its end that no more lines are expected, and all sessions ended.
        counted.running_sessions_count = 0
        and {{ minutes_after(local_midnight('counted.session_date + 1', 'tenants.timezone'), var('lateness_minutes')) }}
        <= last_load.last_loaded_at as is_final
    from counted
    inner join tenants
        on counted.tenant_id = tenants.tenant_id
    cross join last_load
)

select * from final
