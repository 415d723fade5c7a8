-- grain: one row per quality.audit_created event
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
        {{ json_key('payload', 'audit_id') }} as audit_id,
        session_id,
        {{ json_float('payload', 'score') }} as score,
        {{ json_list('payload', 'issues') }} as issues,
        {{ json_text('payload', 'auditor') }} as auditor
    from base_events
    where event = 'quality.audit_created'
)

select * from final
