-- grain: one row per step of a shift: its login, each change of status and each takeover, with when the shift ended
{{
    config(
        meta={'pruned_with': 'agent', 'placed_by': 'started_at', 'erased_with': 'agent'},
        indexes=[{'columns': ['agent_id', 'utc_date']}, {'columns': ['build_id']}],
        pre_hook="{{ forget_touched('int_agent_days_touched', 'tenant_id, agent_id, utc_date') }}",
    )
}}
with

agent_steps as (
    select * from {{ ref('int_agent_steps_thinned') }} as steps
    {{ only_since_touched_days('occurred_at') }}
),

handlings as (
    select * from {{ ref('fct_agent_handlings') }} as steps
    {{ only_since_touched_days('last_sign_at') }}
),

steps as (
    {{ steps_with_handlings('agent_steps', 'handlings') }}
),

numbered as (
    select
        *, count(*) filter (where step = 'login') over agent_order as shift_number,
        row_number() over agent_order as step_number
    from steps
    window agent_order as (partition by tenant_id, agent_id {{ in_event_order() }})
),

shifts as (
    select
        tenant_id, agent_id, shift_number,
        {{ first_of('event_id', "step = 'login'") }} as login_event_id,
        {{ first_of('event_id', "step = 'logout'") }} as logout_event_id,
        min(occurred_at) filter (where step = 'login') as started_at,
        min(occurred_at) filter (where step = 'logout') as logged_out_at,
        max(occurred_at) filter (where step != 'logout') as last_sign_at,
        {{ minutes_after("max(occurred_at) filter (where step != 'logout')", var('shift_grace_minutes')) }} as gone_at,
        lead(min(occurred_at) filter (where step = 'login')) over (
            partition by tenant_id, agent_id order by shift_number
        ) as next_login_at,
        {{ first_of('reported_work_minutes', "step = 'logout'") }} as reported_work_minutes,
        {{ first_of('reported_sessions_handled_count', "step = 'logout'") }} as reported_sessions_handled_count
    from numbered
    where shift_number > 0
    group by tenant_id, agent_id, shift_number
),

ended as (
    select
        *,
        case
            when logged_out_at is not null then 'logout'
            when next_login_at <= gone_at then 'next_login'
            when gone_at <= {{ as_of() }} then 'inferred'
        end as end_source,
        case
            when logged_out_at is not null then logged_out_at
            when least(next_login_at, gone_at) <= {{ as_of() }} then least(next_login_at, gone_at)
        end as ended_at
    from shifts
),

final as (
    select
        numbered.event_id, tenant_id, agent_id, numbered.step, numbered.occurred_at,
        row_number() over (partition by ended.login_event_id order by numbered.step_number) as step_number,
        numbered.from_status, numbered.to_status, numbered.hold_ended_at,
        numbered.step = 'takeover' and row_number() over (
            partition by ended.login_event_id, numbered.step, numbered.session_id order by numbered.step_number
        ) = 1 as is_first_takeover,
        ended.login_event_id, ended.logout_event_id, ended.started_at, ended.ended_at, ended.end_source,
        coalesce(ended.logged_out_at, ended.last_sign_at) as last_sign_at,
        coalesce(ended.ended_at, {{ as_of() }}) as counted_until_at,
        ended.reported_work_minutes, ended.reported_sessions_handled_count,
        {{ utc_date('ended.started_at') }} as utc_date,
        {{ current_build() }} as build_id
    from ended
    inner join numbered using (tenant_id, agent_id, shift_number)
    where
        (numbered.step = 'login' or numbered.occurred_at < coalesce(ended.ended_at, {{ as_of() }}))
        and numbered.step in ('login', 'status_change', 'takeover')
        {{ and_login_touched(utc_date('ended.started_at')) }}
)

select * from final
