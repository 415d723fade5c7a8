-- grain: one row per tenant and agent of whom a line came in the last two days of loads
with

lines as (
    select * from {{ ref('stg_live__lines') }}
    where agent_id is not null and event like 'agent.%'
),

summed as (
    select
        tenant_id,
        agent_id,
        {{ live_now(ref('stg_pipeline__loads')) }} as measured_at,
        max(occurred_at) as last_sign_at,
        max(occurred_at) filter (where event = 'agent.login') as last_login_at,
        {{ last_of('event', "event in ('agent.login', 'agent.logout')") }} as last_step,
        {{ last_of('to_status', "event in ('agent.login', 'agent.status_change')") }} as last_status,
        {{ last_of('occurred_at', "event in ('agent.login', 'agent.status_change')") }} as last_status_at
    from lines
    group by tenant_id, agent_id
),

-- Who logged in before these days has no login here, and signs of life. A login begins with the status online.
final as (
    select
        tenant_id,
        agent_id,
        measured_at,
        last_sign_at,
        coalesce(last_step, 'agent.login') != 'agent.logout'
        and {{ minutes_after('last_sign_at', var('shift_grace_minutes')) }} > measured_at as is_online,
        coalesce(last_status, 'online') as status,
        last_status_at as status_since_at
    from summed
)

select * from final
