-- grain: one row per message in a thread of the customer hub
with

scored as (
    select * from {{ ref('int_hub_messages_scored') }}
),

final as (
    select
        scored.event_id,
        scored.tenant_id,
        scored.thread_id,
        scored.contact_hash,
        scored.source_file_id,
        scored.line_number,

        scored.message_date,
        scored.occurred_at as sent_at,

        scored.speaker,
        case
            when scored.score >= scored.white_from then 'WHITE'
            when scored.score >= scored.gray_from then 'GRAY'
            when scored.score is not null then 'BLACK'
        end as bucket,
        {{ trigger_type_of('scored') }} as trigger_type,

        scored.message_length,
        scored.score
    from scored
)

select * from final
