-- grain: one row per tenant, thread and trigger that was fired or used
with

fired as (
    select * from {{ ref('stg_customer_hub__triggers') }}
    {{ only_touched_by_list(ref('int_threads_touched'), 'tenant_id, thread_id') }}
),

used as (
    select * from {{ ref('stg_customer_hub__trigger_uses') }}
    {{ only_touched_by_list(ref('int_threads_touched'), 'tenant_id, thread_id') }}
),

threads as (
    select * from {{ ref('fct_threads') }}
    {{ only_touched_by_list(ref('int_threads_touched'), 'tenant_id, thread_id') }}
),

steps as (
    select
        event_id, tenant_id, thread_id, trigger_id, occurred_at, emitter_id, seq, 'fired' as step,
        trigger_type, fields_filled
    from fired
    union all
    select
        event_id, tenant_id, thread_id, trigger_id, occurred_at, emitter_id, seq, 'used' as step,
        null as trigger_type, null as fields_filled
    from used
),

paired as (
    select
        tenant_id,
        thread_id,
        trigger_id,
        {{ first_of('event_id', "step = 'fired'") }} as fired_event_id,
        {{ first_of('event_id', "step = 'used'") }} as used_event_id,
        {{ first_of('trigger_type', "step = 'fired'") }} as trigger_type,
        {{ first_of('fields_filled', "step = 'fired'") }} as fields_filled,
        min(occurred_at) filter (where step = 'fired') as fired_at,
        min(occurred_at) filter (where step = 'used') as used_at
    from steps
    where thread_id is not null and trigger_id is not null
    group by tenant_id, thread_id, trigger_id
),

final as (
    select
        paired.tenant_id,
        paired.thread_id,
        paired.trigger_id,
        paired.fired_event_id,
        paired.used_event_id,
        paired.fired_at,
        paired.used_at,
        paired.trigger_type,
        {{ counts_in_hub('threads', 'coalesce(paired.fired_at, paired.used_at)') }} as is_counted,
        paired.used_at is not null as is_used,
        paired.fields_filled
    from paired
    left join threads
        on paired.tenant_id = threads.tenant_id and paired.thread_id = threads.thread_id
)

select * from final
