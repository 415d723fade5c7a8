-- grain: one row per tenant, thread and stretch of time in which its status stayed the same, up to as_of
with

steps as (
    select * from {{ ref('int_thread_steps_sequenced') }}
    {{ only_touched_by_list(ref('int_threads_touched'), 'tenant_id, thread_id') }}
),

phases as (
    select 1 as phase
    union all
    select 2 as phase
    union all
    select 3 as phase
    union all
    select 4 as phase
),

-- After each step up to four statuses follow one another, until the next step.
followed as (
    select
        steps.tenant_id, steps.thread_id, steps.event_id, steps.last_speaker, steps.step, phases.phase,
        case phases.phase
            when 1 then steps.occurred_at
            when 2 then steps.held_until_at
            when 3 then greatest(steps.held_until_at, steps.unseen_until_at)
            else greatest(steps.held_until_at, steps.unseen_until_at, steps.late_from_at)
        end as began_at,
        least(steps.next_step_at, case phases.phase
            when 1 then steps.held_until_at
            when 2 then greatest(steps.held_until_at, steps.unseen_until_at)
            when 3 then greatest(steps.held_until_at, steps.unseen_until_at, steps.late_from_at)
        end) as ended_at
    from steps
    cross join phases
),

named as (
    select
        *,
        case
            when phase = 1 and step = 'resolved' then 'RESOLVED'
            when phase = 1 and step = 'snoozed' then 'SNOOZED'
            when phase = 2 then 'UNSEEN'
            when phase = 4 and last_speaker = 'them' then 'OVERDUE'
            when phase = 1 or (phase = 3 and last_speaker = 'me') then 'WAITING_THEM'
            else 'NEED_REPLY'
        end as status
    from followed
    where began_at <= {{ as_of() }} and (ended_at is null or began_at < ended_at)
),

changed as (
    select
        *,
        lag(status) over (partition by tenant_id, thread_id order by began_at) as status_before
    from named
),

final as (
    select
        tenant_id,
        thread_id,
        event_id,
        began_at,
        lead(began_at) over (partition by tenant_id, thread_id order by began_at) as ended_at,
        status,
        status_before
    from changed
    where status is distinct from status_before
)

select * from final
