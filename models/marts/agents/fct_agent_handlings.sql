-- grain: one row per takeover of a session by an agent: the time for which the agent had it in hand
{% set session_order = 'partition by tenant_id, session_id ' ~ in_event_order() %}
with

steps as (
    select * from {{ ref('int_session_steps_numbered') }}
    {{ only_touched_in_view(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

sessions as (
    select * from {{ ref('int_sessions_described') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

worked as (
    select
        tenant_id, session_id, turn_number, agent_id,
        count(*) filter (where step = 'message') as messages_count,
        min(occurred_at) filter (where step = 'message') as first_message_at,
        max(occurred_at) as last_step_at
    from steps
    where step in ('message', 'note')
    group by tenant_id, session_id, turn_number, agent_id
),

-- The next takeover ends the hold as well: the session has left the agent.
held as (
    select
        *,
        lead(step) over turns as end_source,
        lead(occurred_at) over turns as ended_at,
        lead(agent_id) over turns as ending_agent_id,
        lead(target_agent_id) over turns as next_target_agent_id,
        lead(reported_handle_seconds) over turns as next_reported_handle_seconds,
        lead(reported_message_count) over turns as next_reported_message_count
    from steps
    where step in ('takeover', 'release', 'transfer', 'session_end')
    window turns as ({{ session_order }})
),

chained as (
    select
        *,
        end_source in ('release', 'transfer') and ending_agent_id = agent_id as is_ended_by_agent,
        lag(agent_id) over ({{ session_order }}) as previous_agent_id,
        min(takeovers_before_count) over (partition by tenant_id, session_id, agent_id) as first_taken_after_count
    from held
    where step = 'takeover'
),

final as (
    select
        chained.event_id as takeover_event_id,
        tenant_id, session_id, agent_id,
        {{ local_date('chained.occurred_at', 'tenants.timezone') }} as handling_date,
        chained.escalated_at,
        chained.occurred_at as taken_over_at,
        chained.ended_at,
        greatest(
            chained.occurred_at, worked.last_step_at, case when chained.is_ended_by_agent then chained.ended_at end
        ) as last_sign_at,
        chained.end_source,
        case when chained.end_source = 'transfer' then chained.next_target_agent_id end as target_agent_id,
        chained.previous_agent_id,
        coalesce(sessions.is_test, false) as is_test,
        coalesce(chained.end_source = 'transfer', false) as is_transferred,
        -- The agent had it before, and another one in between.
        chained.first_taken_after_count < chained.takeovers_before_count and chained.previous_agent_id != agent_id
            as is_ping_pong,
        chained.takeovers_before_count + 1 as chain_position,
        {{ seconds_between('chained.escalated_at', 'chained.occurred_at') }} as wait_seconds,
        {{ seconds_between('chained.occurred_at', 'worked.first_message_at') }} as first_reply_seconds,
        {{ seconds_between('chained.occurred_at', 'chained.ended_at') }} as handle_seconds,
        coalesce(worked.messages_count, 0) as messages_count,
        chained.reported_wait_seconds,
        case when chained.is_ended_by_agent then chained.next_reported_handle_seconds end as reported_handle_seconds,
        case when chained.is_ended_by_agent then chained.next_reported_message_count end as reported_message_count
    from chained
    inner join tenants using (tenant_id)
    left join worked using (tenant_id, session_id, agent_id, turn_number)
    left join sessions using (tenant_id, session_id)
)

select * from final
