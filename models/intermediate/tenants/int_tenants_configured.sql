-- grain: one row per tenant that event lines or the seed name
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='tenant_id',
        on_schema_change='append_new_columns',
        meta={'erased_with': 'whole'},
        pre_hook="{{ forget_outdated() }}",
        post_hook="{{ end_model() }}",
    )
}}
with

tenants as (
    select * from {{ ref('tenants') }}
),

loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

last_load as (
    select least(max(loaded_at), {{ as_of() }}) as last_loaded_at from loads
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
        tenants.tenant_id is not null as is_configured,
        {{ local_date(
            minutes_after('last_load.last_loaded_at', '(-' ~ var('lateness_minutes') ~ ')'),
            'coalesce(tenants.timezone, defaults.timezone)'
        ) }} as final_before_date
    from known
    cross join last_load
    left join tenants
        on known.tenant_id = tenants.tenant_id
    left join tenants as defaults
        on defaults.tenant_id = 'default'
)

select * from final
