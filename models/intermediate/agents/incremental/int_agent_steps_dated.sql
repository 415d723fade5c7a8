-- grain: one row per takeover and per transfer of a session by an agent; test sessions excluded
with

handlings as (
    select * from {{ ref('int_agent_handlings_paired') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

transfers as (
    select * from {{ ref('stg_agent_workbench__session_transfers') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
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
        takeover_event_id as event_id, tenant_id, session_id, taken_over_at as occurred_at,
        'takeover' as step, wait_seconds, handle_seconds
    from handlings
    union all
    -- Counted by themselves: a transfer whose takeover was lost is a transfer too.
    select
        event_id, tenant_id, session_id, occurred_at,
        'transfer' as step, null as wait_seconds, null as handle_seconds
    from transfers
),

final as (
    select
        steps.*,
        {{ local_date('steps.occurred_at', 'tenants.timezone') }} as step_date
    from steps
    inner join tenants
        on steps.tenant_id = tenants.tenant_id
    left join sessions
        on steps.tenant_id = sessions.tenant_id and steps.session_id = sessions.session_id
    where sessions.is_test is not true
)

select * from final
