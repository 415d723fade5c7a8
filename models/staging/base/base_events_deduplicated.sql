-- grain: one row per event_id: of repeated lines the first in load order
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='event_id',
        on_schema_change='fail',
        post_hook='analyze {{ this }}',
        indexes=[{'columns': ['event_id']}, {'columns': ['event']}, {'columns': ['load_id']}],
    )
}}
with

base_events_named as (
    select * from {{ ref('base_events_named') }}
),

base_event_names as (
    select * from {{ ref('base_event_names') }}
),

{% if is_incremental() %}
-- By load and not by the highest id: a load with a lower id may have been committed after the last build.
new_loads as (
    select loads.load_id
    from {{ source('raw', 'loads') }} as loads
    where not exists (select 1 from {{ this }} as built where built.load_id = loads.load_id) -- noqa: LT14
),

-- What was unknown when it was built, and is known since the contract or the aliases have learned it.
learned as (
    select event_id
    from {{ this }}
    where not is_known_event and event_as_written in (select event_as_written from base_event_names)
),

arrived as (
    select *
    from base_events_named
    where load_id in (select load_id from new_loads) or event_id in (select event_id from learned)
),

-- An event that is already built takes part again, so that the first in load order wins whenever it arrives.
candidates as (
    select * from arrived
    union all
    select built.*
    from {{ this }} as built
    where
        built.event_id in (select arrived.event_id from arrived)
        and built.event_id not in (select learned.event_id from learned)
),
{% else %}
candidates as (
    select * from base_events_named
),
{% endif %}

-- Products retry and logs are shipped twice: later copies of an event are counted in ingest_reconciliation.
ranked as (
    select
        *,
        row_number() over (partition by event_id order by load_id, source_file_id, line_number) as copy_number
    from candidates
),

final as (
    select
        event_id,
        event,
        event_as_written,
        occurred_at,
        product,
        tenant_id,
        schema_version,
        emitter_id,
        seq,
        session_id,
        payload,
        is_known_event,
        is_complete,
        load_id,
        source_file_id,
        line_number
    from ranked
    where copy_number = 1
)

select * from final
