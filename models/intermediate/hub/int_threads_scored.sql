-- grain: one row per tenant and thread with a message: what its messages come to
with

messages as (
    select * from {{ ref('int_hub_messages_scored') }}
),

final as (
    select
        tenant_id,
        thread_id,
        {{ last_of('contact_hash') }} as contact_hash,
        min(occurred_at) as first_message_at,
        min(occurred_at) filter (where score >= gray_from) as gray_at,
        min(occurred_at) filter (where score >= white_from) as white_at,
        count(*) as messages_count,
        count(*) filter (where speaker = 'them') as their_messages_count,
        max(score) as best_score
    from messages
    group by tenant_id, thread_id
)

select * from final
