-- grain: one row per takeover of a session by an agent: the time for which the agent had it in hand
with

steps as (
    select * from {{ ref('int_session_steps_numbered') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

sessions as (
    select * from {{ ref('int_sessions_described') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

worked as (
    select
        tenant_id, session_id, takeover_number, agent_id,
        count(*) filter (where step = 'message') as messages_count,
        min(occurred_at) filter (where step = 'message') as first_message_at,
        max(occurred_at) as last_step_at
    from steps
    where is_in_hand and step in ('message', 'note')
    group by tenant_id, session_id, takeover_number, agent_id
),

-- The next takeover ends the hold as well: the session has left the agent.
held as (
    select
        *,
        case lead(step) over turns when 'silence' then 'session_timeout' else lead(step) over turns end as end_source,
        lead(occurred_at) over turns as ended_at,
        lead(target_agent_id) over turns as next_target_agent_id,
        lead(reported_handle_seconds) over turns as next_reported_handle_seconds,
        lead(reported_message_count) over turns as next_reported_message_count
    from steps
    where step = 'takeover' or (is_in_hand and is_letting_go)
    window turns as (partition by tenant_id, session_id order by takeover_number, is_letting_go)
),

chained as (
    select
        *,
        lag(agent_id) over (partition by tenant_id, session_id order by takeover_number) as previous_agent_id,
        min(takeover_number) over (partition by tenant_id, session_id, agent_id) as first_position
    from held
    where step = 'takeover'
),

final as (
    select
        chained.event_id as takeover_event_id,
        tenant_id, session_id, agent_id,
        {{ local_date('chained.occurred_at', 'tenants.timezone') }} as handling_date,
        chained.waiting_since as escalated_at,
        chained.occurred_at as taken_over_at,
        chained.ended_at,
        greatest(
            chained.occurred_at,
            worked.last_step_at,
            case when chained.end_source in ('release', 'transfer') then chained.ended_at end
        ) as last_sign_at,
        chained.end_source,
        chained.next_target_agent_id as target_agent_id,
        chained.previous_agent_id,
        coalesce(sessions.is_test, false) as is_test,
        coalesce(chained.end_source = 'transfer', false) as is_transferred,
        -- The agent had it before, and another one in between.
        chained.first_position < takeover_number and chained.previous_agent_id != agent_id as is_ping_pong,
        takeover_number as chain_position,
        {{ seconds_between('chained.waiting_since', 'chained.occurred_at') }} as wait_seconds,
        {{ seconds_between('chained.occurred_at', 'worked.first_message_at') }} as first_reply_seconds,
        {{ seconds_between('chained.occurred_at', 'chained.ended_at') }} as handle_seconds,
        coalesce(worked.messages_count, 0) as messages_count,
        chained.reported_wait_seconds,
        chained.next_reported_handle_seconds as reported_handle_seconds,
        chained.next_reported_message_count as reported_message_count
    from chained
    inner join tenants using (tenant_id)
    left join worked using (tenant_id, session_id, takeover_number, agent_id)
    left join sessions using (tenant_id, session_id)
)

select * from final
