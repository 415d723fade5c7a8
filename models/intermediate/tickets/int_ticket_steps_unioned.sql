-- grain: one row per ticket.* event
with

tickets as (
    select * from {{ ref('stg_ticketing__tickets') }}
),

assignments as (
    select * from {{ ref('stg_ticketing__assignments') }}
),

status_changes as (
    select * from {{ ref('stg_ticketing__status_changes') }}
),

priority_changes as (
    select * from {{ ref('stg_ticketing__priority_changes') }}
),

replies as (
    select * from {{ ref('stg_ticketing__replies') }}
),

closures as (
    select * from {{ ref('stg_ticketing__closures') }}
),

final as (
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq, 'created' as step, priority,
        cast(null as text) as from_status, cast(null as text) as to_status, agent_id as to_agent_id,
        cast(null as text) as acting_agent_id, cast(null as text) as author, cast(null as boolean) as is_public,
        ticket_type
    from tickets
    union all
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq, 'assigned' as step, null as priority,
        null as from_status, null as to_status, to_agent_id, null as acting_agent_id, null as author,
        null as is_public, null as ticket_type
    from assignments
    union all
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq, 'status_changed' as step, null as priority,
        from_status, to_status, null as to_agent_id, agent_id as acting_agent_id, null as author,
        null as is_public, null as ticket_type
    from status_changes
    union all
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq, 'priority_changed' as step,
        to_priority as priority, null as from_status, null as to_status, null as to_agent_id,
        agent_id as acting_agent_id, null as author, null as is_public, null as ticket_type
    from priority_changes
    union all
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq, 'replied' as step, null as priority,
        null as from_status, null as to_status, null as to_agent_id,
        case when author = 'agent' then coalesce(agent_id, '') end as acting_agent_id, author, is_public,
        null as ticket_type
    from replies
    union all
    select
        event_id, tenant_id, ticket_id, occurred_at, emitter_id, seq, 'closed' as step, null as priority,
        null as from_status, 'closed' as to_status, null as to_agent_id, null as acting_agent_id, null as author,
        null as is_public, null as ticket_type
    from closures
)

select * from final
