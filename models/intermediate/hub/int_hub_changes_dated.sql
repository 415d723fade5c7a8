-- grain: one row per thing that happened in the hub and is counted by day, on the local date on which it counts
with

waits as (
    select * from {{ ref('int_thread_waits_measured') }}
),

threads as (
    select * from {{ ref('fct_threads') }}
),

triggers as (
    select * from {{ ref('fct_hub_triggers') }}
),

contacts as (
    select * from {{ ref('int_contacts_decided') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

waited as (
    select
        waits.*,
        threads.promoted_at, threads.blocked_at, threads.gray_at,
        -- Who was overdue first was not answered in time.
        least(waits.overdue_at, waits.ended_at) as judged_at,
        greatest(waits.began_at, threads.gray_at) as pooled_at,
        least(waits.ended_at, threads.white_at, threads.promoted_at, threads.blocked_at) as unpooled_at
    from waits
    inner join threads
        on waits.tenant_id = threads.tenant_id and waits.thread_id = threads.thread_id
),

pooled as (
    select * from waited
    where gray_at is not null and (unpooled_at is null or pooled_at < unpooled_at)
),

happened as (
    select
        tenant_id, 'first_message' as change, first_message_at as happened_at, cast(null as numeric(18, 6)) as seconds
    from threads
    union all
    select tenant_id, 'entered_pool' as change, pooled_at as happened_at, null as seconds
    from pooled
    union all
    select tenant_id, 'left_pool' as change, unpooled_at as happened_at, null as seconds
    from pooled
    union all
    select tenant_id, 'reply' as change, ended_at as happened_at, reply_seconds as seconds
    from waited
    where ended_by = 'reply' and {{ counts_in_hub('waited', 'ended_at') }}
    union all
    select
        tenant_id, case when overdue_at is not null then 'overdue' else 'in_time' end as change,
        judged_at as happened_at, null as seconds
    from waited
    where {{ counts_in_hub('waited', 'judged_at') }}
    union all
    select tenant_id, 'promoted' as change, promoted_at as happened_at, null as seconds
    from contacts
    union all
    select tenant_id, trigger_type || '_fired' as change, fired_at as happened_at, null as seconds
    from triggers
    where is_counted
    union all
    select tenant_id, trigger_type || '_used' as change, used_at as happened_at, null as seconds
    from triggers
    where is_counted
),

final as (
    select
        happened.tenant_id,
        happened.change,
        {{ local_date('happened.happened_at', 'tenants.timezone') }} as change_date,
        {{ clearing_date('happened.happened_at', 'tenants.timezone') }} as clearing_date,
        {{ next_date('happened.happened_at', 'tenants.timezone') }} as next_date,
        happened.seconds
    from happened
    inner join tenants
        on happened.tenant_id = tenants.tenant_id
    where happened.happened_at is not null and happened.change is not null
)

select * from final
