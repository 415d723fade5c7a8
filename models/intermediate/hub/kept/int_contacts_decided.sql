-- grain: one row per tenant and contact that any hub.contact_* event names
{{
    config(
        meta={'erased_with': 'contact'},
        indexes=[{'columns': ['tenant_id', 'contact_hash']}],
        pre_hook="{{ forget_touched_contacts() }}",
    )
}}
with

contacts as (
    select * from {{ ref('stg_customer_hub__contacts') }}
    {{ only_touched_contacts() }}
),

promotions as (
    select * from {{ ref('stg_customer_hub__contact_promotions') }}
    {{ only_touched_contacts() }}
),

blocks as (
    select * from {{ ref('stg_customer_hub__contact_blocks') }}
    {{ only_touched_contacts() }}
),

decisions as (
    select
        event_id, tenant_id, contact_hash, occurred_at, emitter_id, seq, 'created' as decision,
        contact_source, cast(null as text) as k_code, cast(null as text) as region, cast(null as text) as level
    from contacts
    union all
    select
        event_id, tenant_id, contact_hash, occurred_at, emitter_id, seq, 'promoted' as decision,
        null as contact_source, k_code, region, level
    from promotions
    union all
    select
        event_id, tenant_id, contact_hash, occurred_at, emitter_id, seq, 'blocked' as decision,
        null as contact_source, null as k_code, null as region, null as level
    from blocks
),

final as (
    select
        tenant_id,
        contact_hash,
        min(occurred_at) filter (where decision = 'created') as created_at,
        min(occurred_at) filter (where decision = 'promoted') as promoted_at,
        min(occurred_at) filter (where decision = 'blocked') as blocked_at,
        {{ first_of('event_id', "decision = 'promoted'") }} as promoted_event_id,
        {{ first_of('event_id', "decision = 'blocked'") }} as blocked_event_id,
        {{ first_of('contact_source', "decision = 'created'") }} as contact_source,
        {{ last_of('k_code', "decision = 'promoted'") }} as k_code,
        {{ last_of('region', "decision = 'promoted'") }} as region,
        {{ last_of('level', "decision = 'promoted'") }} as level
    from decisions
    where contact_hash is not null
    group by tenant_id, contact_hash
)

select * from final
