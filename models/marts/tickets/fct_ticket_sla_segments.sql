-- grain: one row per clock of a ticket and stretch in which it ran or paused
with

stretches as (
    select * from {{ ref('int_ticket_stretches_timed') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

-- A clock that never had a policy is none.
promised as (
    select
        *,
        max(target_microseconds) over (partition by tenant_id, ticket_id, metric, application_number) is not null
            as is_promised
    from stretches
),

final as (
    select
        tenant_id,
        ticket_id,
        metric,
        application_number,
        row_number() over (
            partition by tenant_id, ticket_id, metric, application_number order by stretch_number
        ) as segment_number,
        event_id as started_by_event_id,
        started_at,
        ended_at,
        is_last as is_going_on,
        case clock_state when 'running' then 'running' else 'paused' end as segment_type,
        reason,
        priority,
        {{ seconds_of('target_microseconds') }} as target_seconds,
        calendar_id,
        {{ seconds_between('started_at', 'ended_at') }} as calendar_seconds,
        {{ seconds_of('business_microseconds') }} as business_seconds
    from promised
    where is_promised and clock_state != 'stopped' and started_at < ended_at
)

select * from final
