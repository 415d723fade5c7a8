-- grain: one row per tenant and thread that any event line names, with the build that last computed it
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        meta={'pruned_with': 'thread', 'erased_with': 'thread'},
        unique_key=['tenant_id', 'thread_id'],
        indexes=[{'columns': ['thread_id', 'tenant_id'], 'unique': true}, {'columns': ['build_id']}, {'columns': ['settled_at']}],
        post_hook="{{ end_model(is_read_by_build=true) }}",
    )
}}
with

base_event_lines as (
    select * from {{ ref('base_event_lines') }}
    where thread_id is not null
),

{% if is_incremental() or has_pruned() %}
named as (
    {{ touched_keys(ref('base_event_lines'), 'tenant_id, thread_id', 'thread_id is not null') }}
    {% if is_incremental() %}
    union
    -- What time alone may have changed since the last build.
    select tenant_id, thread_id
    from {{ this }}
    where settled_at > {{ last_mark().as_of }} and {{ has_time_gone_on() }}
    union
    -- What is known of a contact decides on all of its threads.
    select tenant_id, thread_id
    from {{ ref('base_event_lines') }}
    where thread_id is not null and {{ is_of_touched_contact() }}
    {% endif %}
),

touched as (
    select * from named
    {{ where_unpruned('thread', 'named') }}
),
{% endif %}

final as (
    select
        tenant_id,
        thread_id,
        {{ thread_settled_at() }} as settled_at,
        {{ current_build() }} as build_id
    from base_event_lines
    {% if is_incremental() or has_pruned() %}
    where (tenant_id, thread_id) in (select tenant_id, thread_id from touched)
    {% endif %}
    {% if is_incremental() and not last_mark().is_outdated %}
    and {{ is_listed('thread_id', 'select thread_id from touched') }}
    {% endif %}
    group by tenant_id, thread_id
)

select * from final
