-- grain: one row per tenant, agent and login
with

steps as (
    select * from {{ ref('int_agent_shift_steps_bounded') }}
    {{ only_computed_shifts() }}
),

shift_days as (
    select * from {{ ref('int_agent_shift_days_summed') }}
    {{ only_touched(ref('int_agent_days_touched'), 'tenant_id, agent_id, utc_date') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

summed as (
    select
        login_event_id,
        cast(sum(work_seconds) as numeric(18, 6)) as work_seconds,
        cast(sum(online_seconds) as numeric(18, 6)) as online_seconds,
        cast(sum(busy_seconds) as numeric(18, 6)) as busy_seconds,
        cast(sum(away_seconds) as numeric(18, 6)) as away_seconds,
        cast(sum(break_seconds) as numeric(18, 6)) as break_seconds,
        cast(sum(offline_seconds) as numeric(18, 6)) as offline_seconds,
        cast(sum(unknown_seconds) as numeric(18, 6)) as unknown_seconds,
        cast(sum(on_queue_seconds) as numeric(18, 6)) as on_queue_seconds,
        cast(sum(held_seconds) as numeric(18, 6)) as held_seconds,
        cast(sum(occupied_seconds) as numeric(18, 6)) as occupied_seconds,
        cast(sum(session_seconds) as numeric(18, 6)) as session_seconds,
        max(peak_concurrency) as peak_concurrency,
        cast(sum(taken_sessions_count) as bigint) as taken_sessions_count
    from shift_days
    group by login_event_id
),

final as (
    select
        login_event_id,
        steps.logout_event_id,
        tenant_id,
        steps.agent_id,

        {{ local_date('steps.started_at', 'tenants.timezone') }} as shift_date,
        steps.started_at,
        steps.ended_at,
        steps.last_sign_at,

        steps.end_source,

        {{ seconds_between('steps.started_at', 'steps.counted_until_at') }} as duration_seconds,
        coalesce(summed.online_seconds, 0) as online_seconds,
        coalesce(summed.busy_seconds, 0) as busy_seconds,
        coalesce(summed.away_seconds, 0) as away_seconds,
        coalesce(summed.break_seconds, 0) as break_seconds,
        coalesce(summed.offline_seconds, 0) as offline_seconds,
        coalesce(summed.unknown_seconds, 0) as unknown_seconds,
        coalesce(summed.on_queue_seconds, 0) as on_queue_seconds,
        coalesce(summed.held_seconds, 0) as held_seconds,
        coalesce(summed.occupied_seconds, 0) as occupied_seconds,
        coalesce(summed.session_seconds, 0) as session_seconds,
        {{ ratio('summed.occupied_seconds', 'summed.on_queue_seconds') }} as occupancy_rate,
        coalesce(summed.peak_concurrency, 0) as peak_concurrency,
        {{ ratio('summed.session_seconds', 'summed.held_seconds') }} as mean_concurrency,
        coalesce(summed.taken_sessions_count, 0) as handled_sessions_count,
        steps.reported_work_minutes,
        steps.reported_sessions_handled_count
    from steps
    inner join tenants using (tenant_id)
    left join summed using (login_event_id)
    where steps.step = 'login'
)

select * from final
