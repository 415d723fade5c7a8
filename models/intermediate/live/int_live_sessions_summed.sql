-- grain: one row per tenant and session of which a line came in the last two days of loads
with

lines as (
    select *, {{ live_now(ref('stg_pipeline__loads')) }} as measured_at
    from {{ ref('stg_live__lines') }}
    where session_id is not null
),

seen as (
    select
        tenant_id,
        session_id,
        max(measured_at) as measured_at,
        coalesce(
            min(occurred_at) filter (where event = 'session.start'),
            min(occurred_at) filter (where event like 'session.%')
        ) as started_at,
        max(occurred_at) as last_event_at,
        bool_or(event = 'session.end') as has_end_event,
        bool_or(event = 'session.escalate') as is_escalated,
        bool_or(is_test) as is_test,
        {{ first_of('channel', 'channel is not null') }} as channel,
        max(occurred_at) filter (where event = 'agent.session_takeover') as last_taken_over_at,
        {{ last_of('event', live_holding_steps()) }} as last_holding_step,
        {{ last_of('agent_id', live_holding_steps()) }} as last_holding_agent_id
    from lines
    group by tenant_id, session_id
),

-- As in fct_queue_waits: from the first escalation since the last takeover, if one of these was accepted.
queued as (
    select
        tenant_id,
        session_id,
        min(lines.occurred_at) as escalated_at,
        bool_or(lines.is_accepted) as is_accepted
    from lines
    inner join seen using (tenant_id, session_id)
    where
        lines.event = 'session.escalate'
        and (seen.last_taken_over_at is null or lines.occurred_at > seen.last_taken_over_at)
    group by tenant_id, session_id
),

answers as (
    select tenant_id, session_id, count(*) as answers_count, sum(response_time_ms) as response_time_ms_total
    from (
        -- distinct: an answer may have come in several lines.
        select distinct tenant_id, session_id, event_id, response_time_ms from lines
        where response_time_ms is not null and {{ minutes_after('occurred_at', 15) }} > measured_at
    ) as recent
    group by tenant_id, session_id
),

final as (
    select
        seen.*,
        queued.escalated_at,
        coalesce(queued.is_accepted, false) as is_escalation_accepted,
        case
            when seen.last_holding_step = 'agent.session_takeover' then seen.last_holding_agent_id
        end as holding_agent_id,
        coalesce(answers.answers_count, 0) as recent_answers_count,
        coalesce(answers.response_time_ms_total, 0) as recent_response_time_ms_total
    from seen
    left join queued using (tenant_id, session_id)
    left join answers using (tenant_id, session_id)
)

select * from final
