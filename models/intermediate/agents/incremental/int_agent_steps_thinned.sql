-- grain: one row per login, logout, change of status, and last heartbeat of a day before each of them
{{
    config(
        meta={'pruned_with': 'agent', 'placed_by': 'occurred_at', 'erased_with': 'agent'},
        indexes=[{'columns': ['agent_id', 'utc_date']}, {'columns': ['agent_id', 'occurred_at']}],
        pre_hook="{{ forget_touched('int_agent_days_touched', 'tenant_id, agent_id, utc_date') }}",
    )
}}
with

logins as (
    select * from {{ ref('stg_agent_workbench__logins') }}
    {{ only_touched_agent_days() }}
),

logouts as (
    select * from {{ ref('stg_agent_workbench__logouts') }}
    {{ only_touched_agent_days() }}
),

status_changes as (
    select * from {{ ref('stg_agent_workbench__status_changes') }}
    {{ only_touched_agent_days() }}
),

heartbeats as (
    select * from {{ ref('stg_agent_workbench__heartbeats') }}
    {{ only_touched_agent_days() }}
),

steps as (
    select
        event_id, tenant_id, agent_id, occurred_at, emitter_id, seq, 'login' as step,
        cast(null as text) as from_status, cast(null as text) as to_status,
        cast(null as double precision) as reported_work_minutes, cast(null as bigint) as reported_sessions_handled_count
    from logins
    union all
    select
        event_id, tenant_id, agent_id, occurred_at, emitter_id, seq, 'logout' as step,
        null as from_status, null as to_status, reported_work_minutes, reported_sessions_handled_count
    from logouts
    union all
    select
        event_id, tenant_id, agent_id, occurred_at, emitter_id, seq, 'status_change' as step,
        from_status, to_status, null as reported_work_minutes, null as reported_sessions_handled_count
    from status_changes
    union all
    select
        event_id, tenant_id, agent_id, occurred_at, emitter_id, seq, 'heartbeat' as step,
        null as from_status, null as to_status, null as reported_work_minutes, null as reported_sessions_handled_count
    from heartbeats
),

sequenced as (
    select
        *,
        {{ utc_date('occurred_at') }} as utc_date,
        lead(step) over (
            partition by tenant_id, agent_id, {{ utc_date('occurred_at') }} {{ in_event_order() }}
        ) as next_step
    from steps
),

-- A heartbeat says only until when the agent was there: of several in a row the last one says it all.
final as (
    select
        event_id, tenant_id, agent_id, utc_date, occurred_at, emitter_id, seq, step,
        from_status, to_status, reported_work_minutes, reported_sessions_handled_count
    from sequenced
    where step != 'heartbeat' or next_step is distinct from 'heartbeat'
)

select * from final
