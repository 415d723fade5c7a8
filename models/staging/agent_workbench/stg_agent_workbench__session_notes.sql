-- grain: one row per agent.session_note event
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
        agent_id,
        session_id,
        {{ json_int('payload', 'note_length') }} as note_length
    from base_events
    where event = 'agent.session_note'
)

select * from final
