-- grain: one row per tenant and ticket with at least one reply, status change or closure
with

replies as (
    select * from {{ ref('stg_ticketing__replies') }}
    {{ only_touched_in_view(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

status_changes as (
    select * from {{ ref('stg_ticketing__status_changes') }}
    {{ only_touched_in_view(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

closures as (
    select * from {{ ref('stg_ticketing__closures') }}
    {{ only_touched_in_view(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

steps as (
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq,
        author = 'agent' and is_public as is_public_agent_reply,
        false as is_agent_leaving_new,
        cast(null as text) as from_status,
        cast(null as text) as to_status
    from replies
    union all
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq,
        false as is_public_agent_reply,
        agent_id is not null and from_status = 'new' and to_status != 'new' as is_agent_leaving_new,
        from_status,
        to_status
    from status_changes
    union all
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq,
        false as is_public_agent_reply,
        false as is_agent_leaving_new,
        null as from_status,
        'closed' as to_status
    from closures
),

final as (
    select
        tenant_id,
        ticket_id,
        min(occurred_at) filter (where is_public_agent_reply) as first_public_agent_reply_at,
        min(occurred_at) filter (where is_agent_leaving_new) as first_agent_left_new_at,
        {{ last_of('to_status', 'to_status is not null') }} as last_status,
        max(occurred_at) filter (where to_status = 'solved') as last_solved_at,
        max(occurred_at) filter (
            where from_status in ('solved', 'closed') and to_status not in ('solved', 'closed')
        ) as last_reopened_at,
        max(occurred_at) filter (where to_status = 'closed') as last_closed_at,
        count(*) filter (where from_status in ('solved', 'closed') and to_status not in ('solved', 'closed'))
            as reopenings_count
    from steps
    group by tenant_id, ticket_id
)

select * from final
