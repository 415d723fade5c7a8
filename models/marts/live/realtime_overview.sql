-- grain: one row per tenant, as of the newest load
with

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

sessions as (
    select * from {{ ref('int_live_sessions_joined') }}
),

agents as (
    select * from {{ ref('int_live_agents_summed') }}
),

-- union: a tenant stands once, whether a build knows it already or not.
known as (
    select tenant_id from tenants
    union
    select tenant_id from sessions
    union
    select tenant_id from agents
),

counted as (
    select
        tenant_id,
        {{ live_session_counts() }}
    from sessions
    where not is_test
    group by tenant_id
),

manned as (
    select
        tenant_id,
        count(*) filter (where is_online) as online_agents_count,
        count(*) filter (where is_online and status = 'online') as available_agents_count
    from agents
    group by tenant_id
),

final as (
    select
        tenant_id,
        {{ live_now(ref('stg_pipeline__loads')) }} as measured_at,
        coalesce(counted.active_sessions_count, 0) as active_sessions_count,
        coalesce(counted.waiting_sessions_count, 0) as waiting_sessions_count,
        counted.waiting_since_at,
        coalesce(manned.online_agents_count, 0) as online_agents_count,
        coalesce(manned.available_agents_count, 0) as available_agents_count,
        coalesce(counted.recent_answers_count, 0) as recent_answers_count,
        coalesce(counted.recent_response_time_ms_total, 0) as recent_response_time_ms_total,
        counted.avg_recent_response_time_ms,
        coalesce(counted.today_sessions_count, 0) as today_sessions_count,
        coalesce(counted.today_escalated_count, 0) as today_escalated_count,
        counted.today_ai_resolution_rate
    from known
    left join counted using (tenant_id)
    left join manned using (tenant_id)
)

select * from final
