-- grain: one row per hub.message event
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
        thread_id,
        contact_hash,
        {{ json_text('payload', 'speaker') }} as speaker,
        {{ json_int('payload', 'message_length') }} as message_length,
        {{ json_list('payload', 'file_types') }} as file_types,
        {{ json_list('payload', 'keyword_hits') }} as keyword_hits,
        {{ json_bool('payload', 'kb_matched') }} as is_kb_matched,
        {{ json_text('payload', 'topic') }} as topic
    from base_events
    where event = 'hub.message'
)

select * from final
