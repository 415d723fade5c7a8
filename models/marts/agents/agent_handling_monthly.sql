-- grain: one row per tenant and local month in which agents took sessions over or transferred them
with

steps as (
    select * from {{ ref('int_agent_steps_dated') }}
),

counted as (
    select
        tenant_id,
        {{ month_of('step_date') }} as month,
        -- distinct: a transferred session is one session in several hands.
        count(distinct session_id) filter (where step = 'takeover') as handled_sessions_count,
        count(*) filter (where step = 'takeover') as handlings_count,
        count(*) filter (where step = 'transfer') as transfers_count,
        count(wait_seconds) as waited_handlings_count,
        sum(wait_seconds) as wait_seconds_total,
        count(handle_seconds) as ended_handlings_count,
        sum(handle_seconds) as handle_seconds_total
    from steps
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
