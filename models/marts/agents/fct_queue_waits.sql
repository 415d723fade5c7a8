-- grain: one row per tenant, session and wait for a human: from the first escalation since the takeover before
with

steps as (
    select * from {{ ref('int_session_steps_numbered') }}
    {{ only_touched_in_view(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

handlings as (
    select * from {{ ref('fct_agent_handlings') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

sessions as (
    select * from {{ ref('int_sessions_bounded') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

described as (
    select * from {{ ref('int_sessions_described') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

-- Nobody has taken the session over since.
unanswered as (
    select
        tenant_id,
        session_id,
        takeovers_count,
        min(escalated_at) as escalated_at,
        bool_or(is_accepted) as is_accepted,
        min(occurred_at) filter (where step = 'session_end' and occurred_at >= escalated_at) as session_ended_at
    from steps
    where
        takeovers_before_count = takeovers_count
        and step in ('escalation', 'session_end')
        and escalated_at is not null
    group by tenant_id, session_id, takeovers_count
),

waits as (
    select
        tenant_id, session_id, chain_position as wait_number, escalated_at, taken_over_at as left_at,
        'taken_over' as wait_end
    from handlings
    where escalated_at is not null
    union all
    select
        tenant_id,
        session_id,
        unanswered.takeovers_count + 1 as wait_number,
        unanswered.escalated_at,
        case
            when not unanswered.is_accepted then unanswered.escalated_at
            when unanswered.session_ended_at is not null or not sessions.is_open
                then coalesce(unanswered.session_ended_at, sessions.last_event_at)
        end as left_at,
        case
            when not unanswered.is_accepted then 'rejected'
            when unanswered.session_ended_at is not null or not sessions.is_open then 'abandoned'
        end as wait_end
    from unanswered
    inner join sessions using (tenant_id, session_id)
),

final as (
    select
        tenant_id,
        session_id,
        waits.wait_number,
        {{ local_date('waits.escalated_at', 'tenants.timezone') }} as wait_date,
        {{ local_date('waits.left_at', 'tenants.timezone') }} as left_date,
        waits.escalated_at,
        waits.left_at,
        waits.wait_end,
        coalesce(described.is_test, false) as is_test,
        {{ seconds_between('waits.escalated_at', 'waits.left_at') }} as wait_seconds
    from waits
    inner join tenants using (tenant_id)
    left join described using (tenant_id, session_id)
)

select * from final
