-- grain: one row per clock of a ticket and stretch in which it ran, paused or was stopped under one policy
with

steps as (
    select * from {{ ref('int_ticket_clocks_promised') }}
    {{ only_touched_by_list(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

pieces as (
    select * from {{ ref('int_business_time_summed') }}
),

-- What makes a stretch another one: with a policy its priority, since a clock has one policy for each.
named as (
    select
        *,
        case clock_state
            when 'running' then 'running ' || priority
            when 'paused' then 'paused ' || status || ' ' || priority
            else clock_state
        end as stretch_name
    from steps
),

compared as (
    select
        *,
        lag(stretch_name) over (
            partition by tenant_id, ticket_id, metric, application_number order by step_number
        ) as stretch_name_before
    from named
),

bounded as (
    select
        *,
        row_number() over by_clock as stretch_number,
        -- A stopped clock does not go on with "now", since a ticket that is over is not computed again.
        coalesce(lead(happened_at) over by_clock, case when clock_state != 'stopped' then {{ as_of() }} end)
            as ended_at,
        lead(happened_at) over by_clock is null as is_last,
        lag(clock_state) over by_clock as state_before,
        lag(happened_at) over by_clock as happened_before_at
    from compared
    where stretch_name is distinct from stretch_name_before
    window by_clock as (partition by tenant_id, ticket_id, metric, application_number order by step_number)
),

-- A running stretch that took over from one without length has the reason of that one.
reasoned as (
    select
        *,
        case
            when clock_state = 'paused' then status
            when clock_state != 'running' then clock_state
            when state_before is null then 'started'
            when state_before = 'stopped' then 'reopened'
            when state_before != 'running' then 'resumed'
            when happened_before_at < happened_at then 'priority_changed'
        end as own_reason
    from bounded
),

final as (
    select
        reasoned.tenant_id, reasoned.ticket_id, reasoned.metric, reasoned.application_number, reasoned.stretch_number,
        reasoned.event_id, reasoned.started_date, reasoned.clock_started_at,
        reasoned.happened_at as started_at, reasoned.ended_at, reasoned.is_last,
        reasoned.clock_state, reasoned.ticket_type, reasoned.priority,
        case when reasoned.clock_state = 'stopped' then reasoned.agent_id else reasoned.last_agent_id end as agent_id,
        reasoned.calendar_id, reasoned.target_microseconds,
        {{ latest_so_far('stretch_number', 'own_reason', 'by_clock') }} as reason,
        {{ business_time_until('reasoned.happened_at', 'opening') }} as microseconds_before,
        case
            when reasoned.clock_state != 'running' or reasoned.happened_at = reasoned.ended_at then 0
            else {{ business_time_until('reasoned.ended_at', 'closing') }}
                - {{ business_time_until('reasoned.happened_at', 'opening') }}
        end as business_microseconds
    from reasoned
    left join pieces as opening
        on reasoned.clock_state = 'running' and {{ is_in_piece('reasoned', 'reasoned.happened_at', 'opening') }}
    left join pieces as closing
        on reasoned.clock_state = 'running' and {{ is_in_piece('reasoned', 'reasoned.ended_at', 'closing') }}
    window by_clock as (
        partition by reasoned.tenant_id, reasoned.ticket_id, reasoned.metric, reasoned.application_number
        order by reasoned.stretch_number rows between unbounded preceding and current row
    )
)

select * from final
