-- grain: one row per tenant, thread and time that they waited for us: from their first message without an answer on
{{
    config(
        meta={'erased_with': 'thread'},
        indexes=[{'columns': ['thread_id', 'tenant_id']}],
        pre_hook="{{ forget_touched('int_threads_touched', 'tenant_id, thread_id') }}",
    )
}}
with

steps as (
    select * from {{ ref('int_thread_steps_sequenced') }}
    {{ only_touched_by_list(ref('int_threads_touched'), 'tenant_id, thread_id') }}
),

statuses as (
    select * from {{ ref('fct_thread_statuses') }}
    {{ only_touched(ref('int_threads_touched'), 'tenant_id, thread_id') }}
),

waits as (
    select
        tenant_id,
        thread_id,
        settlements_before as wait_number,
        min(occurred_at) filter (where step = 'them') as began_at,
        max(occurred_at) filter (where step in ('me', 'waiting', 'resolved')) as ended_at,
        case max(step) filter (where step in ('me', 'waiting', 'resolved'))
            when 'me' then 'reply' when 'waiting' then 'waiting' when 'resolved' then 'resolved'
        end as ended_by
    from steps
    group by tenant_id, thread_id, settlements_before
    having count(*) filter (where step = 'them') > 0
),

final as (
    select
        waits.tenant_id,
        waits.thread_id,
        waits.wait_number,
        waits.began_at,
        waits.ended_at,
        waits.ended_by,
        min(statuses.began_at) as overdue_at,
        case when waits.ended_by = 'reply' then {{ seconds_between('waits.began_at', 'waits.ended_at') }} end
            as reply_seconds
    from waits
    left join statuses
        on
            waits.tenant_id = statuses.tenant_id
            and waits.thread_id = statuses.thread_id
            and statuses.status = 'OVERDUE'
            and waits.began_at <= statuses.began_at
            and statuses.began_at < coalesce(waits.ended_at, {{ never() }})
    group by
        waits.tenant_id, waits.thread_id, waits.wait_number, waits.began_at, waits.ended_at, waits.ended_by
)

select * from final
