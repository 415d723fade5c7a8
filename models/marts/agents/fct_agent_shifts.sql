-- grain: one row per tenant, agent and login
with

logins as (
    select * from {{ ref('stg_agent_workbench__logins') }}
    {{ only_touched_in_view(ref('int_agents_touched'), 'tenant_id, agent_id') }}
),

logouts as (
    select * from {{ ref('stg_agent_workbench__logouts') }}
    {{ only_touched_in_view(ref('int_agents_touched'), 'tenant_id, agent_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

steps as (
    select
        event_id, tenant_id, agent_id, occurred_at, emitter_id, seq, 'login' as step,
        cast(null as double precision) as reported_work_minutes, cast(null as bigint) as reported_sessions_handled_count
    from logins
    union all
    select
        event_id, tenant_id, agent_id, occurred_at, emitter_id, seq, 'logout' as step,
        reported_work_minutes, reported_sessions_handled_count
    from logouts
),

sequenced as (
    select
        *,
        lead(step) over agent_order as next_step,
        lead(event_id) over agent_order as next_event_id,
        lead(occurred_at) over agent_order as next_at,
        lead(reported_work_minutes) over agent_order as next_reported_work_minutes,
        lead(reported_sessions_handled_count) over agent_order as next_reported_sessions_handled_count
    from steps
    window agent_order as (
        partition by tenant_id, agent_id order by occurred_at, emitter_id nulls last, seq nulls last, event_id
    )
),

final as (
    select
        sequenced.event_id as login_event_id,
        case when sequenced.next_step = 'logout' then sequenced.next_event_id end as logout_event_id,
        sequenced.tenant_id,
        sequenced.agent_id,

        {{ local_date('sequenced.occurred_at', 'tenants.timezone') }} as shift_date,
        sequenced.occurred_at as started_at,
        case when sequenced.next_step = 'logout' then sequenced.next_at end as ended_at,

        case when sequenced.next_step = 'logout' then 'logout' end as end_source,

        cast(
            case
                when sequenced.next_step = 'logout'
                    then {{ seconds_between('sequenced.occurred_at', 'sequenced.next_at') }}
            end as numeric(18, 6)
        ) as duration_seconds,

        case when sequenced.next_step = 'logout' then sequenced.next_reported_work_minutes end as reported_work_minutes,
        case when sequenced.next_step = 'logout' then sequenced.next_reported_sessions_handled_count end
            as reported_sessions_handled_count
    from sequenced
    inner join tenants
        on sequenced.tenant_id = tenants.tenant_id
    where sequenced.step = 'login'
)

select * from final
