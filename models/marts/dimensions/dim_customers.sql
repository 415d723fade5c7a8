-- grain: one row per tenant and customer of whom the chatbot or a ticket knows; test sessions excluded
with

sessions as (
    select * from {{ ref('fct_sessions') }}
),

tickets as (
    select * from {{ ref('fct_tickets') }}
),

contacts as (
    select
        tenant_id, customer_hash, started_at as contacted_at, channel, is_escalated,
        1 as sessions_count, 0 as tickets_count
    from sessions
    where customer_hash is not null and not is_test
    union all
    select
        tenant_id, customer_hash, created_at as contacted_at, null as channel, false as is_escalated,
        0 as sessions_count, 1 as tickets_count
    from tickets
    where customer_hash is not null
),

final as (
    select
        tenant_id,
        customer_hash,
        min(contacted_at) as first_contact_at,
        max(contacted_at) as last_contact_at,
        cast(sum(sessions_count) as bigint) as sessions_count,
        cast(coalesce(sum(sessions_count) filter (where is_escalated), 0) as bigint) as escalated_sessions_count,
        count(distinct channel) as channels_count,
        cast(sum(tickets_count) as bigint) as tickets_count
    from contacts
    group by tenant_id, customer_hash
)

select * from final
