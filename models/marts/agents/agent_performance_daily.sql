-- grain: one row per tenant, agent and local date on which the agent worked or handled sessions
with

shift_days as (
    select * from {{ ref('int_agent_shift_days_summed') }}
),

handled as (
    select *, handling_date as work_date from {{ ref('int_agent_handlings_counted_daily') }}
),

worked as (
    select
        tenant_id,
        agent_id,
        work_date,
        count(*) as shifts_count,
        bool_or(is_on) as has_running_shift,
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
        max(peak_concurrency) as peak_concurrency
    from shift_days
    group by tenant_id, agent_id, work_date
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

final as (
    select
        tenant_id,
        agent_id,
        work_date,

        coalesce(handled.handled_sessions_count, 0) as handled_sessions_count,
        coalesce(handled.handlings_count, 0) as handlings_count,
        coalesce(handled.messages_count, 0) as messages_count,
        coalesce(handled.ping_pongs_count, 0) as ping_pongs_count,
        coalesce(handled.waited_handlings_count, 0) as waited_handlings_count,
        cast(handled.wait_seconds_total as numeric(18, 6)) as wait_seconds_total,
        {{ ratio('handled.wait_seconds_total', 'handled.waited_handlings_count') }} as avg_first_response_seconds,
        handled.p90_first_response_seconds,
        coalesce(handled.replied_handlings_count, 0) as replied_handlings_count,
        cast(handled.first_reply_seconds_total as numeric(18, 6)) as first_reply_seconds_total,
        {{ ratio('handled.first_reply_seconds_total', 'handled.replied_handlings_count') }} as avg_first_reply_seconds,
        handled.p90_first_reply_seconds,
        coalesce(handled.ended_handlings_count, 0) as ended_handlings_count,
        cast(handled.handle_seconds_total as numeric(18, 6)) as handle_seconds_total,
        {{ ratio('handled.handle_seconds_total', 'handled.ended_handlings_count') }} as avg_handle_time_seconds,
        coalesce(handled.transfers_count, 0) as transfers_count,
        {{ ratio('handled.transfers_count', 'handled.handled_sessions_count') }} as transfer_rate,

        coalesce(worked.shifts_count, 0) as shifts_count,
        coalesce(worked.work_seconds, 0) as work_seconds,
        {{ ratio('coalesce(worked.work_seconds, 0)', '3600') }} as work_hours,
        coalesce(worked.online_seconds, 0) as online_seconds,
        coalesce(worked.busy_seconds, 0) as busy_seconds,
        coalesce(worked.away_seconds, 0) as away_seconds,
        coalesce(worked.break_seconds, 0) as break_seconds,
        coalesce(worked.offline_seconds, 0) as offline_seconds,
        coalesce(worked.unknown_seconds, 0) as unknown_seconds,
        coalesce(worked.on_queue_seconds, 0) as on_queue_seconds,
        coalesce(worked.held_seconds, 0) as held_seconds,
        coalesce(worked.occupied_seconds, 0) as occupied_seconds,
        coalesce(worked.session_seconds, 0) as session_seconds,
        {{ ratio('worked.occupied_seconds', 'worked.on_queue_seconds') }} as occupancy_rate,
        coalesce(worked.peak_concurrency, 0) as peak_concurrency,
        {{ ratio('worked.session_seconds', 'worked.held_seconds') }} as mean_concurrency,

        work_date < tenants.final_before_date
        and not coalesce(worked.has_running_shift, false)
        and coalesce(handled.ended_handlings_count = handled.handlings_count, true) as is_final
    from worked
    full outer join handled using (tenant_id, agent_id, work_date)
    inner join tenants using (tenant_id)
)

select * from final
