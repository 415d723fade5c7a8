-- grain: one row per tenant that event lines or the seed name
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='tenant_id',
        meta={'erased_with': 'whole'},
        pre_hook="{{ forget_outdated() }}",
        post_hook="{{ end_model() }}",
    )
}}
with

tenants as (
    select * from {{ ref('tenants') }}
),

-- union: a tenant stands once, whether the seed, the events or both name it.
known as (
    select tenant_id from tenants
    union
    -- Copies of an event name tenants too: which of them is the event may change later.
    {{
        touched_keys(
            ref('base_event_lines'), 'tenant_id', 'copy_number > 0 and is_complete and occurred_at <= ' ~ as_of()
        )
    }}
    -- Pruned events name tenants no more.
    {% if is_incremental() and (has_pruned() or not last_mark().is_outdated) %}
    union
    select tenant_id from {{ this }}
    {% endif %}
),

final as (
    select
        known.tenant_id,
        coalesce(tenants.timezone, defaults.timezone) as timezone,
        coalesce(tenants.currency, defaults.currency) as currency,
        tenants.tenant_id is not null as is_configured
    from known
    left join tenants
        on known.tenant_id = tenants.tenant_id
    left join tenants as defaults
        on defaults.tenant_id = 'default'
)

select * from final
