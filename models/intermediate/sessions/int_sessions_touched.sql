-- grain: one row per tenant and session that any event line names, with the build that last computed it
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        meta={'pruned_with': 'session'},
        unique_key=['tenant_id', 'session_id'],
        indexes=[{'columns': ['tenant_id', 'session_id'], 'unique': true}, {'columns': ['build_id']}, {'columns': ['last_event_at']}],
        post_hook=['analyze {{ this }}', "{{ mark_built() }}"],
    )
}}
with

base_event_lines as (
    select * from {{ ref('base_event_lines') }}
    where session_id is not null
),

named as (
    {{ touched_keys('base_event_lines', 'tenant_id, session_id') }}
    {% if is_incremental() %}
    union
    -- What was open at the last build may have ended by silence since.
    select tenant_id, session_id
    from {{ this }}
    where last_event_at > {{ minutes_after(last_as_of(), '(-' ~ var('session_timeout_minutes') ~ ')') }}
    {% endif %}
),

touched as (
    select * from named
    {{ where_unpruned('session', 'named') }}
),

final as (
    select
        tenant_id,
        session_id,
        max(occurred_at) as last_event_at,
        {{ current_build() }} as build_id
    from base_event_lines
    where (tenant_id, session_id) in (select tenant_id, session_id from touched)
    group by tenant_id, session_id
)

select * from final
