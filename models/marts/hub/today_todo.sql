-- grain: one row per tenant and thread in which it is our turn at as_of, black ones left out
with

threads as (
    select * from {{ ref('fct_threads') }}
),

due as (
    select
        *,
        coalesce(sla_at, follow_up_at) as due_at
    from threads
    where status in ('NEED_REPLY', 'OVERDUE') and bucket != 'BLACK'
),

final as (
    select
        tenant_id,
        -- What is overdue comes first, of equals what was due first.
        row_number() over (
            partition by tenant_id
            order by case status when 'OVERDUE' then 1 else 2 end, due_at, thread_id
        ) as urgency_rank,
        thread_id,
        contact_hash,
        due_at,
        status,
        bucket,
        last_speaker,
        last_message_at,
        best_score
    from due
)

select * from final
