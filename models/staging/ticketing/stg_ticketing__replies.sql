-- grain: one row per ticket.replied event
with

base_events as (
    select * from {{ ref('base_events') }}
),

final as (
    select
        event_id,
        tenant_id,
        occurred_at,
        emitter_id,
        seq,
        ticket_id,
        {{ json_text('payload', 'author') }} as author,
        agent_id,
        coalesce({{ json_bool('payload', 'is_public') }}, true) as is_public
    from base_events
    where event = 'ticket.replied'
)

select * from final
