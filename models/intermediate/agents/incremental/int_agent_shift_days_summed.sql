-- grain: one row per shift and local date on which it lasted: seconds by status, and with sessions in hand
{{
    config(
        meta={'placed_by': 'started_at', 'erased_with': 'agent'},
        indexes=[{'columns': ['agent_id', 'utc_date']}, {'columns': ['agent_id', 'started_at']}],
        pre_hook="{{ forget_touched_shifts() }}",
    )
}}
-- depends_on: {{ ref('int_agent_days_touched') }}
with

steps as (
    select * from {{ ref('int_agent_shift_steps_bounded') }}
    {{ only_computed_shifts() }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

shifts as (
    select *
    from steps
    inner join tenants using (tenant_id)
    where step = 'login'
),

days as (
    select
        login_event_id, counted_until_at, timezone,
        {{ each_date(local_date('started_at', 'timezone') ~ ' + 1', local_date('counted_until_at', 'timezone')) }}
            as next_date
    from shifts
),

moments as (
    select
        login_event_id, occurred_at as moment_at, step_number, from_status, to_status, is_first_takeover,
        case when step = 'takeover' then 1 else 0 end as change
    from steps
    union all
    select
        login_event_id, hold_ended_at as moment_at, step_number, null as from_status, null as to_status,
        false as is_first_takeover, -1 as change
    from steps
    where step = 'takeover' and hold_ended_at < counted_until_at
    union all
    select
        login_event_id, {{ local_midnight('next_date', 'timezone') }} as moment_at, 0 as step_number,
        null as from_status, null as to_status, false as is_first_takeover, 0 as change
    from days
    where {{ local_midnight('next_date', 'timezone') }} < counted_until_at
),

-- From one moment to the next neither the date changes nor the status nor what is in hand; what is let go goes first.
stretched as (
    select
        *, cast(sum(change) over shift_order as integer) as in_hand_count,
        count(to_status) over shift_order as status_number,
        lead(moment_at) over shift_order as next_at
    from moments
    window shift_order as (partition by login_event_id order by moment_at, change, step_number)
),

-- Before the first change of its status the shift had the one that was changed.
measured as (
    select
        stretched.*,
        case
            when stretched.status_number > 0
                then max(stretched.to_status) over (partition by login_event_id, stretched.status_number)
            else
                max(stretched.from_status) filter (where stretched.status_number = 1) over (partition by login_event_id)
        end as status,
        {{ seconds_between('stretched.moment_at', 'coalesce(stretched.next_at, shifts.counted_until_at)') }} as seconds,
        shifts.tenant_id, shifts.agent_id, shifts.started_at, shifts.utc_date, shifts.ended_at is null as is_on,
        {{ local_date('stretched.moment_at', 'shifts.timezone') }} as work_date
    from stretched
    inner join shifts using (login_event_id)
),

final as (
    select
        login_event_id, tenant_id, agent_id, started_at, utc_date, work_date, is_on,
        {{ shift_sums() }}
    from measured
    group by login_event_id, tenant_id, agent_id, started_at, utc_date, work_date, is_on
)

select * from final
