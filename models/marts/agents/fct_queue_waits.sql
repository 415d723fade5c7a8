-- grain: one row per tenant, session and wait for a human, from the first call until somebody answers
with

steps as (
    select * from {{ ref('int_session_steps_numbered') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

described as (
    select * from {{ ref('int_sessions_described') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

-- Between two answers there is one wait, or there are calls that were all turned down.
called as (
    select
        tenant_id,
        session_id,
        answers_before_count,
        min(waiting_since) as waiting_since,
        min(occurred_at) filter (where is_call) as called_at,
        min(occurred_at) filter (where is_answer) as answered_at,
        bool_or(is_answer and step = 'takeover') as is_taken_over,
        bool_or(is_answer) as is_answered,
        min(occurred_at) filter (
            where step in ('session_end', 'silence') and waiting_since is not null
        ) as given_up_at
    from steps
    group by tenant_id, session_id, answers_before_count
    having bool_or(is_call)
),

ended as (
    select
        *,
        coalesce(waiting_since, called_at) as escalated_at,
        case
            when waiting_since is null then called_at
            when is_answered then answered_at
            else given_up_at
        end as left_at,
        case
            when waiting_since is null then 'rejected'
            when is_taken_over then 'taken_over'
            when is_answered then 'answered'
            when given_up_at is not null then 'abandoned'
        end as wait_end
    from called
),

final as (
    select
        tenant_id,
        session_id,
        row_number() over (partition by tenant_id, session_id order by ended.answers_before_count) as wait_number,
        {{ local_date('ended.escalated_at', 'tenants.timezone') }} as wait_date,
        {{ local_date('ended.left_at', 'tenants.timezone') }} as left_date,
        ended.escalated_at,
        ended.left_at,
        ended.wait_end,
        coalesce(described.is_test, false) as is_test,
        {{ seconds_between('ended.escalated_at', 'ended.left_at') }} as wait_seconds
    from ended
    inner join tenants using (tenant_id)
    left join described using (tenant_id, session_id)
)

select * from final
