-- grain: one row per ai.token_usage event
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
        {{ json_text('payload', 'model') }} as model,
        {{ json_int('payload', 'prompt_tokens') }} as prompt_tokens,
        {{ json_int('payload', 'completion_tokens') }} as completion_tokens,
        {{ json_int('payload', 'cached_tokens') }} as cached_tokens,
        {{ json_text('payload', 'provider') }} as provider,
        {{ json_text('payload', 'workflow_id') }} as workflow_id
    from base_events
    where event = 'ai.token_usage'
)

select * from final
