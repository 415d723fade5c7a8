-- grain: one row per clock of a ticket that ever had a policy
with

stretches as (
    select * from {{ ref('int_ticket_stretches_timed') }}
),

totalled as (
    select
        *,
        cast(coalesce(sum(business_microseconds) over (
            partition by tenant_id, ticket_id, metric, application_number order by stretch_number
            rows between unbounded preceding and 1 preceding
        ), 0) as bigint) as elapsed_before,
        max(stretch_number) filter (where target_microseconds is not null)
            over (partition by tenant_id, ticket_id, metric, application_number) as last_promised_number
    from stretches
),

-- A clock is judged by the target in force in each stretch, and due by the last one.
judged as (
    select
        *,
        max(case when stretch_number = last_promised_number then target_microseconds end)
            over (partition by tenant_id, ticket_id, metric, application_number) as target_then,
        case
            when elapsed_before > target_microseconds then 'at_once'
            when clock_state = 'running' and elapsed_before + business_microseconds > target_microseconds then 'by_time'
        end as breach
    from totalled
    where last_promised_number is not null
),

due as (
    select
        *,
        target_microseconds is not null and started_at < ended_at
        and elapsed_before + business_microseconds >= target_then as is_due
    from judged
),

summed as (
    select
        tenant_id, ticket_id, metric, application_number,
        min(started_date) as started_date,
        min(clock_started_at) as started_at,
        max(case when is_last and clock_state = 'stopped' then started_at end) as stopped_at,
        max(ended_at) as seen_until_at,
        max(case when is_last then clock_state end) as clock_state,
        min(ticket_type) as ticket_type,
        max(case when stretch_number = last_promised_number then priority end) as priority,
        max(case when stretch_number = last_promised_number then calendar_id end) as calendar_id,
        max(case when is_last then agent_id end) as agent_id,
        min(target_then) as target_microseconds,
        -- Null where a part is not known.
        cast(case when count(*) = count(business_microseconds) then sum(business_microseconds) end as bigint)
            as elapsed_microseconds,
        sum({{ microseconds_between('started_at', 'ended_at') }}) filter (where clock_state = 'running')
            as running_microseconds,

        -- Where the target was used up first; null while it is not.
        {{ first_stretch('started_at', 'is_due') }} as due_since_at,
        {{ first_stretch('calendar_id', 'is_due') }} as due_calendar_id,
        {{ first_stretch('elapsed_before', 'is_due') }} as due_elapsed_microseconds,

        {{ first_stretch('breach', 'breach is not null') }} as breach,
        {{ first_stretch('started_at', 'breach is not null') }} as breach_since_at,
        {{ first_stretch('calendar_id', 'breach is not null') }} as breach_calendar_id,
        {{ first_stretch('microseconds_before + target_microseconds - elapsed_before', 'breach is not null') }}
            as breach_total
    from due
    group by tenant_id, ticket_id, metric, application_number
),

-- The deadline is told from the stretch in which the target was used up; else forward, as if the clock ran on now.
final as (
    select
        tenant_id, ticket_id, metric, application_number, started_date, started_at, stopped_at, clock_state,
        ticket_type, priority, agent_id, target_microseconds, elapsed_microseconds, running_microseconds,
        breach, breach_since_at, breach_calendar_id, breach_total,
        coalesce(due_calendar_id, calendar_id) as calendar_id,
        coalesce(due_since_at, stopped_at, seen_until_at) as anchor_at,
        target_microseconds - coalesce(due_elapsed_microseconds, elapsed_microseconds) as missing_microseconds
    from summed
)

select * from final
