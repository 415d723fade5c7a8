-- grain: one row per tenant and session that any event line names, with the build that last computed it
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        meta={'pruned_with': 'session', 'erased_with': 'session'},
        unique_key=['tenant_id', 'session_id'],
        indexes=[{'columns': ['session_id', 'tenant_id'], 'unique': true}, {'columns': ['build_id']}, {'columns': ['last_event_at']}],
        post_hook="{{ end_model(is_read_by_build=true) }}",
    )
}}
with

base_event_lines as (
    select * from {{ ref('base_event_lines') }}
    where session_id is not null
),

{% if is_incremental() or has_pruned() %}
named as (
    {{ touched_keys(ref('base_event_lines'), 'tenant_id, session_id', 'session_id is not null') }}
    {% if is_incremental() %}
    union
    -- What was open at the last build may have ended by silence since.
    select tenant_id, session_id
    from {{ this }}
    where
        last_event_at > {{ minutes_after(last_mark().as_of, '(-' ~ var('session_timeout_minutes') ~ ')') }}
        and {{ has_time_gone_on() }}
    {% endif %}
),

touched as (
    select * from named
    {{ where_unpruned('session', 'named') }}
),
{% endif %}

final as (
    select
        tenant_id,
        session_id,
        max(occurred_at) as last_event_at,
        {{ current_build() }} as build_id
    from base_event_lines
    {% if is_incremental() or has_pruned() %}
    where (tenant_id, session_id) in (select tenant_id, session_id from touched)
    {% endif %}
    {% if is_incremental() and not last_mark().is_outdated %}
    and {{ is_listed('session_id', 'select session_id from touched') }}
    {% endif %}
    group by tenant_id, session_id
)

select * from final
