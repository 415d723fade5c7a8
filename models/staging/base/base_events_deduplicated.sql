-- grain: one row per event_id: of repeated lines the first in load order
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='event_id',
        on_schema_change='fail',
        post_hook='analyze {{ this }}',
        indexes=[
            {'columns': ['event_id']},
            {'columns': ['event']},
            {'columns': ['load_id']},
        ],
    )
}}
with

events as (
    select * from {{ source('raw', 'events') }}
),

event_aliases as (
    select * from {{ ref('event_aliases') }}
),

{% if is_incremental() %}
-- By load and not by the highest id: a load with a lower id may have been committed after the last build.
new_loads as (
    select loads.load_id
    from {{ source('raw', 'loads') }} as loads
    where
        not exists (
            select 1
            from {{ this }} as built
            where built.load_id = loads.load_id
        )
),
{% endif %}

arrived as (
    select
        events.event_id,
        events.event as event_as_written,
        coalesce(event_aliases.event, events.event) as event,
        events.occurred_at,
        events.product,
        events.tenant_id,
        events.schema_version,
        events.emitter_id,
        events.seq,
        {{ json_text('events.payload', 'session_id') }} as session_id,
        {{ json_with('events.payload', 'event_aliases.field', 'event_aliases.value') }} as payload,
        events.load_id,
        events.source_file_id,
        events.line_number
    from events
    left join event_aliases
        on events.event = event_aliases.alias
    {% if is_incremental() %}
    where events.load_id in (select new_loads.load_id from new_loads)
    {% endif %}
),

{% if is_incremental() %}
-- An event that is already built takes part again, so that the first in load order wins whenever it arrives.
candidates as (
    select * from arrived
    union all
    select built.*
    from {{ this }} as built
    where built.event_id in (select arrived.event_id from arrived)
),
{% endif %}

ranked as (
    select
        candidates.*,
        row_number() over (
            partition by candidates.event_id
            order by candidates.load_id, candidates.source_file_id, candidates.line_number
        ) as copy_number
    from {{ 'candidates' if is_incremental() else 'arrived as candidates' }}
),

final as (
    select
        event_id,
        event_as_written,
        event,
        occurred_at,
        product,
        tenant_id,
        schema_version,
        emitter_id,
        seq,
        session_id,
        payload,
        load_id,
        source_file_id,
        line_number
    from ranked
    -- Products retry and logs are shipped twice: later copies of an event are counted in ingest_reconciliation.
    where copy_number = 1
)

select * from final
