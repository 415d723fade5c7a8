-- grain: one row per tenant and local month in which agents took sessions over
with

handlings as (
    select * from {{ ref('int_agent_handlings_paired') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

dated as (
    select
        handlings.*,
        {{ month_of(local_date('handlings.taken_over_at', 'tenants.timezone')) }} as month
    from handlings
    inner join tenants
        on handlings.tenant_id = tenants.tenant_id
),

counted as (
    select
        tenant_id,
        month,
        -- distinct: a transferred session is one session in several hands.
        count(distinct session_id) as handled_sessions_count,
        count(*) as handlings_count,
        count(*) filter (where is_transferred) as transfers_count,
        count(wait_seconds) as waited_handlings_count,
        sum(wait_seconds) as wait_seconds_total,
        count(handle_seconds) as ended_handlings_count,
        sum(handle_seconds) as handle_seconds_total
    from dated
    group by tenant_id, month
),

final as (
    select
        *,
        {{ ratio('wait_seconds_total', 'waited_handlings_count') }} as avg_first_response_seconds,
        {{ ratio('handle_seconds_total', 'ended_handlings_count') }} as avg_handle_time_seconds,
        {{ ratio('transfers_count', 'handled_sessions_count') }} as transfer_rate
    from counted
)

select * from final
