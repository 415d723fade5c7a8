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

base_events_named as (
    select * from {{ ref('base_events_named') }}
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

arrived as (
    select *
    from base_events_named
    where load_id in (select new_loads.load_id from new_loads)
),

-- An event that is already built takes part again, so that the first in load order wins whenever it arrives.
candidates as (
    select * from arrived
    union all
    select built.*
    from {{ this }} as built
    where built.event_id in (select arrived.event_id from arrived)
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
        is_complete,
        load_id,
        source_file_id,
        line_number
    from ranked
    where copy_number = 1
)

select * from final
