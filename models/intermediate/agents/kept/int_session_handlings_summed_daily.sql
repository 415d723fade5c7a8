-- grain: one row per tenant, session, agent and local date on which the agent took it over or transferred it; no tests
with

handlings as (
    select * from {{ ref('fct_agent_handlings') }}
    {{ only_touched_of_kept(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

transfers as (
    select * from {{ ref('stg_agent_workbench__session_transfers') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

sessions as (
    select * from {{ ref('int_sessions_described') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

steps as (
    select
        tenant_id, session_id, agent_id, taken_over_at as occurred_at, 'takeover' as step, wait_seconds, handle_seconds
    from handlings
    union all
    -- Counted by themselves: a transfer whose takeover was lost is a transfer too.
    select
        tenant_id, session_id, agent_id, occurred_at, 'transfer' as step, null as wait_seconds, null as handle_seconds
    from transfers
),

dated as (
    select
        steps.*,
        {{ local_date('steps.occurred_at', 'tenants.timezone') }} as step_date
    from steps
    inner join tenants
        on steps.tenant_id = tenants.tenant_id
    left join sessions
        on steps.tenant_id = sessions.tenant_id and steps.session_id = sessions.session_id
    where sessions.is_test is not true
),

final as (
    select
        tenant_id,
        session_id,
        agent_id,
        step_date,
        count(*) filter (where step = 'takeover') as handlings_count,
        count(*) filter (where step = 'transfer') as transfers_count,
        count(wait_seconds) as waited_handlings_count,
        sum(wait_seconds) as wait_seconds_total,
        count(handle_seconds) as ended_handlings_count,
        sum(handle_seconds) as handle_seconds_total
    from dated
    group by tenant_id, session_id, agent_id, step_date
)

select * from final
