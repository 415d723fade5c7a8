-- grain: one row per tenant and thread in which they ever waited for us
with

waits as (
    select * from {{ ref('int_thread_waits_measured') }}
),

final as (
    select
        tenant_id,
        thread_id,
        min(began_at) filter (where ended_at is null) as waiting_since_at,
        count(reply_seconds) as replies_count,
        (array_agg(reply_seconds order by wait_number) filter (where reply_seconds is not null))[1]
            as first_reply_seconds,
        cast(sum(reply_seconds) as numeric(18, 6)) as reply_seconds_total
    from waits
    group by tenant_id, thread_id
)

select * from final
