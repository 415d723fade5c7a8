-- grain: one row per stretch of a shift in which the agent's status stayed the same, while its events are kept
with

steps as (
    select * from {{ ref('int_agent_shift_steps_bounded') }}
    where step in ('login', 'status_change')
),

final as (
    select
        event_id,
        login_event_id,
        tenant_id,
        agent_id,
        coalesce(to_status, lead(from_status) over shift_order, 'unknown') as status,
        occurred_at as valid_from,
        coalesce(lead(occurred_at) over shift_order, ended_at) as valid_to,
        {{ seconds_between('occurred_at', 'coalesce(lead(occurred_at) over shift_order, counted_until_at)') }}
            as duration_seconds
    from steps
    window shift_order as (partition by login_event_id order by step_number)
)

select * from final
