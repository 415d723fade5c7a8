-- grain: one row per tenant and session with a session.start or session.intent event
with

session_starts as (
    select * from {{ ref('stg_ai_chatbot__session_starts') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

session_intents as (
    select * from {{ ref('stg_ai_chatbot__session_intents') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

descriptions as (
    select
        event_id, tenant_id, session_id, occurred_at, emitter_id, seq,
        channel, site, locale, customer_hash, is_test, null as intent
    from session_starts
    union all
    select
        event_id, tenant_id, session_id, occurred_at, emitter_id, seq,
        null as channel, null as site, null as locale, null as customer_hash, null as is_test, intent
    from session_intents
),

final as (
    select
        tenant_id,
        session_id,
        {{ first_of('channel', 'channel is not null') }} as channel,
        {{ first_of('site', 'site is not null') }} as site,
        {{ first_of('locale', 'locale is not null') }} as locale,
        {{ first_of('customer_hash', 'customer_hash is not null') }} as customer_hash,
        coalesce(bool_or(is_test), false) as is_test,
        {{ last_of('intent', 'intent is not null') }} as intent
    from descriptions
    group by tenant_id, session_id
)

select * from final
