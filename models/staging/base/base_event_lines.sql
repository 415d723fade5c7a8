-- grain: one row per loaded line: the first of an event_id in load order is the event, later ones are copies
with

base_event_names as (
    select * from {{ ref('base_event_names') }}
),

{% if is_incremental() %}
-- By load and not by the highest id: a load with a lower id may have been committed after the last build.
unbuilt as (
    select loads.load_id, loads.loaded_on
    from {{ source('raw', 'loads') }} as loads where not {{ is_load_built('loads', this) }}
),

arrived as (
    select {{ line_columns('events') }}
    from {{ source('raw', 'events') }} as events
    -- Older partitions are not looked into.
    where events.loaded_on >= (select min(loaded_on) from unbuilt) and events.load_id in (select load_id from unbuilt)
),

-- Lines that are already built take part again where the event has come once more: the first in load order wins.
-- So do those that are read otherwise since: their event was unknown then, or other fields of it were required.
reopened as (
    select event_id from arrived
    union
    select built.event_id
    from {{ this }} as built
    inner join base_event_names using (event_as_written)
    where
        not built.is_known_event
        {% if last_mark().is_outdated %} or built.is_complete != {{ has_required_fields('built.payload') }} {% endif %}
),

lines as (
    select *, true as is_arrival from arrived
    union all
    select {{ line_columns('built', event='event_as_written') }}, false as is_arrival
    from {{ this }} as built
    where {{ is_listed('built.event_id', 'select event_id from reopened') }}
),
{% else %}
lines as (
    select {{ line_columns('events') }}, true as is_arrival from {{ source('raw', 'events') }} as events
),
{% endif %}

named as (
    select
        lines.*,
        base_event_names.event as known_event, base_event_names.required_fields,
        {{ json_with('lines.payload', 'base_event_names.implied_field', 'base_event_names.implied_value') }}
            as known_payload
    from lines
    left join base_event_names using (event_as_written)
),

keyed as (
    select
        *,
        coalesce(known_event, event_as_written) as event,
        {{ json_key('known_payload', 'session_id') }} as session_id,
        {{ json_key('known_payload', 'ticket_id') }} as ticket_id,
        {{ json_key('known_payload', 'agent_id') }} as agent_id
    from named
),

admitted as (
    {{ with_refusals('keyed') }}
),

-- Of a refused line nothing is kept but where it stands.
final as (
    select
        {{ unless_refused('event_id') }} as event_id,
        event, event_as_written, occurred_at, product, tenant_id, schema_version,
        {{ unless_refused('emitter_id') }} as emitter_id, {{ unless_refused('seq') }} as seq,
        {{ unless_refused('session_id') }} as session_id, {{ unless_refused('ticket_id') }} as ticket_id,
        {{ unless_refused('agent_id') }} as agent_id, {{ unless_refused('known_payload') }} as payload,
        known_event is not null as is_known_event,
        -- Only a line that was loaded before its event was known, or the field required, can lack one.
        {{ has_required_fields('known_payload') }} as is_complete,
        load_id, source_file_id, line_number,
        case when is_erased then -1 when is_refused then 0 else {{ rank_of_copy() }} end as copy_number,
        {{ current_build() }} as build_id
    from admitted
)

select * from final
