-- grain: one row per tenant and agent of whom a line came in the last two days of loads, as of the newest load
with

agents as (
    select * from {{ ref('int_live_agents_summed') }}
),

sessions as (
    select * from {{ ref('int_live_sessions_joined') }}
),

held as (
    select
        tenant_id,
        holding_agent_id as agent_id,
        count(*) as held_sessions_count
    from sessions
    where is_active and not is_test
    group by tenant_id, holding_agent_id
),

final as (
    select
        tenant_id,
        agent_id,
        agents.measured_at,
        agents.last_sign_at,
        agents.is_online,
        case when agents.is_online then agents.status end as status,
        case when agents.is_online then agents.status_since_at end as status_since_at,
        coalesce(held.held_sessions_count, 0) as held_sessions_count
    from agents
    left join held using (tenant_id, agent_id)
)

select * from final
