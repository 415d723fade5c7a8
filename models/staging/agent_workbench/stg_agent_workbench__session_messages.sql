-- grain: one row per agent.session_message event
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
        source_file_id,
        line_number,
        agent_id,
        session_id,
        {{ json_int('payload', 'message_length') }} as message_length,
        {{ json_text('payload', 'text') }} as text
    from base_events
    where event = 'agent.session_message'
)

select * from final
