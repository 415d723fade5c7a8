-- grain: one row per tenant and local month in which agents took sessions over or transferred them
with

session_days as (
    select * from {{ ref('int_session_handlings_summed_daily') }}
    {{ only_months_of_touched_days('session', month_of('step_date')) }}
),

counted as (
    select
        tenant_id,
        {{ month_of('step_date') }} as month,
        -- distinct: a transferred session is one session in several hands, and may be so on several days.
        count(distinct session_id) filter (where handlings_count > 0) as handled_sessions_count,
        cast(sum(handlings_count) as bigint) as handlings_count,
        cast(sum(transfers_count) as bigint) as transfers_count,
        cast(sum(waited_handlings_count) as bigint) as waited_handlings_count,
        sum(wait_seconds_total) as wait_seconds_total,
        cast(sum(ended_handlings_count) as bigint) as ended_handlings_count,
        sum(handle_seconds_total) as handle_seconds_total
    from session_days
    group by tenant_id, {{ month_of('step_date') }}
),

final as (
    select
        *,
        {{ ratio('wait_seconds_total', 'waited_handlings_count') }} as avg_first_response_seconds,
        {{ ratio('handle_seconds_total', 'ended_handlings_count') }} as avg_handle_time_seconds,
        {{ ratio('transfers_count', 'handled_sessions_count') }} as transfer_rate
    from counted
)

select * from final
