-- grain: one row per tenant and contact that a contact event or a thread names
with

contacts as (
    select * from {{ ref('int_contacts_decided') }}
),

threads as (
    select * from {{ ref('fct_threads') }}
),

summed as (
    select
        tenant_id,
        contact_hash,
        count(*) as threads_count,
        min(first_message_at) as first_message_at,
        max(last_message_at) as last_message_at,
        max(best_score) as best_score,
        min(gray_at) as gray_at,
        min(white_at) as white_at
    from threads
    group by tenant_id, contact_hash
),

-- union: a contact stands once, whether its own events, its threads or both name it.
known as (
    select tenant_id, contact_hash from contacts
    union
    select tenant_id, contact_hash from summed
),

final as (
    select
        known.tenant_id,
        known.contact_hash,
        contacts.promoted_event_id,
        contacts.blocked_event_id,

        least(contacts.created_at, summed.first_message_at, contacts.promoted_at, contacts.blocked_at) as first_seen_at,
        contacts.created_at,
        summed.first_message_at,
        summed.last_message_at,
        contacts.promoted_at,
        contacts.blocked_at,

        {{ bucket_of('contacts', 'summed') }} as bucket,
        contacts.promoted_at is not null as is_promoted,
        contacts.blocked_at is not null as is_blocked,
        contacts.contact_source,
        contacts.k_code,
        contacts.region,
        contacts.level,

        coalesce(summed.threads_count, 0) as threads_count,
        summed.best_score
    from known
    left join contacts using (tenant_id, contact_hash)
    left join summed using (tenant_id, contact_hash)
)

select * from final
