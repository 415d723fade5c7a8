-- grain: one row per tenant, ticket, metric and application of a promise: a clock
with

clocks as (
    select * from {{ ref('int_ticket_clocks_summed') }}
    {{ only_touched_by_list(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

pieces as (
    select * from {{ ref('int_business_time_summed') }}
),

reached as (
    select * from {{ ref('int_business_time_reached') }}
),

agent_teams as (
    select * from {{ ref('agent_teams') }}
),

created as (
    select * from {{ ref('int_tickets_created') }}
    {{ only_touched_by_list(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

closures as (
    select * from {{ ref('stg_ticketing__closures') }}
    {{ only_touched_by_list(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

placed as (
    select
        clocks.*,
        {{ business_time_until('clocks.anchor_at', 'pieces') }} + clocks.missing_microseconds - 1 as due_total
    from clocks
    left join pieces
        on {{ is_in_piece('clocks', 'clocks.anchor_at', 'pieces') }}
),

final as (
    select
        placed.tenant_id, placed.ticket_id, placed.metric, placed.application_number,
        placed.started_date, placed.ticket_type, placed.priority, placed.agent_id, agent_teams.team,
        placed.started_at,
        placed.stopped_at,
        {{ seconds_of('placed.target_microseconds') }} as target_seconds,
        {{ seconds_of('placed.elapsed_microseconds') }} as elapsed_business_seconds,
        {{ seconds_of('coalesce(placed.running_microseconds, 0)') }} as elapsed_calendar_seconds,
        case
            when placed.missing_microseconds = 0 then placed.anchor_at
            else {{ microseconds_after('due.began_at', 'placed.due_total + 1 - due.microseconds_before') }}
        end as deadline_at,
        case
            when placed.breach is not null then 'breached'
            when placed.clock_state = 'stopped' then 'met'
            when placed.clock_state = 'running' then 'running'
            else 'paused'
        end as sla_status,
        case placed.breach
            when 'at_once' then placed.breach_since_at
            when 'by_time'
                then {{ microseconds_after('broken.began_at', 'placed.breach_total - broken.microseconds_before') }}
        end as breached_at,
        case
            when placed.clock_state != 'stopped'
                then {{ seconds_of('(placed.target_microseconds - placed.elapsed_microseconds)') }}
        end as remaining_seconds,
        case when placed.metric = 'resolution' then closures.is_sla_met_reported end as is_sla_met_reported,
        case
            when placed.metric = 'resolution' and (placed.breach is not null or placed.clock_state = 'stopped')
                then closures.is_sla_met_reported = (placed.breach is null)
        end as is_report_right
    from placed
    left join reached as due on {{ is_passed_in_piece('placed', 'placed.due_total', 'due') }}
    left join reached as broken
        on {{ is_passed_in_piece('placed', 'placed.breach_total', 'broken', 'breach_calendar_id') }}
    left join agent_teams
        on
            placed.tenant_id = agent_teams.tenant_id and placed.agent_id = agent_teams.agent_id
            and placed.started_date >= agent_teams.valid_from
            and (placed.started_date < agent_teams.valid_to or agent_teams.valid_to is null)
    inner join created on placed.tenant_id = created.tenant_id and placed.ticket_id = created.ticket_id
    left join closures on created.closed_event_id = closures.event_id
)

select * from final
