-- grain: one row per quality.audit_reviewed event
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
        {{ keyed_hash(json_text('payload', 'reviewer_id')) }} as reviewer_hash,
        {{ json_float('payload', 'final_score') }} as final_score
    from base_events
    where event = 'quality.audit_reviewed'
)

select * from final
