-- grain: one row per session.escalate event
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
        session_id,
        {{ json_text('payload', 'reason') }} as escalation_reason,
        {{ json_text('payload', 'severity') }} as severity,
        {{ json_text('payload', 'trigger_keyword') }} as trigger_keyword,
        coalesce({{ json_bool('payload', 'accepted') }}, true) as is_accepted
    from base_events
    where event = 'session.escalate'
)

select * from final
