-- grain: one row per session.start event
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
        session_id,
        {{ json_text('payload', 'channel') }} as channel,
        {{ json_text('payload', 'user_agent') }} as user_agent,
        {{ keyed_hash(json_text('payload', 'customer_id')) }} as customer_hash,
        {{ json_text('payload', 'site') }} as site,
        {{ json_text('payload', 'locale') }} as locale,
        coalesce({{ json_bool('payload', 'is_test') }}, false) as is_test
    from base_events
    where event = 'session.start'
)

select * from final
