-- grain: one row per loaded line: the first of an event_id in load order is the event, later ones are copies
with

base_event_names as (
    select * from {{ ref('base_event_names') }}
),

{% if is_incremental() %}
arrived as (
    {{ lines_of_unbuilt_loads(this) }}
),

reopened as (
    {{ reopened_events(this, 'arrived', 'base_event_names') }}
),

lines as (
    select *, true as is_arrival from arrived
    union all
    select {{ line_columns('built', event='event_as_written') }}, false as is_arrival
    from {{ this }} as built
    where {{ is_listed('built.event_id', 'select event_id from reopened') }}
),
{% else %}
lines as {{ computed_twice() }} (
    select {{ line_columns('events') }}, true as is_arrival from {{ source('raw', 'events') }} as events
),
{% endif %}

named as (
    select
        lines.*, base_event_names.event as known_event, base_event_names.required_fields,
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
        {{ json_key('known_payload', 'agent_id') }} as agent_id,
        {{ hub_thread_id() }} as thread_id,
        {{ hub_contact_hash() }} as contact_hash
    from named
),

admitted as {{ computed_twice() if not is_incremental() }} (
    {{ with_refusals('keyed') }}
),

-- Sorted, not hashed, since ids begin with their time and most are in order; once, not in each process that joins them.
repeated as materialized (
    -- distinct: an id that came three times repeats itself twice.
    select distinct event_id
    from (select event_id, lag(event_id) over (order by event_id) as event_id_before from lines) as ordered
    where event_id = event_id_before
),

-- The first in load order is the event. Ranked apart, so that few and narrow rows are sorted instead of all lines.
copies as (
    select
        load_id, source_file_id, line_number,
        row_number() over (partition by event_id order by load_id, source_file_id, line_number) as copy_number
    from admitted
    where not is_refused and event_id in (select event_id from repeated)
),

-- Of a refused line nothing is kept but where it stands, and its number: it is not lost.
final as (
    select
        {{ unless_refused('event_id') }} as event_id, event, event_as_written, occurred_at, product,
        tenant_id, schema_version, emitter_id, seq,
        {{ unless_refused('session_id') }} as session_id, {{ unless_refused('ticket_id') }} as ticket_id,
        {{ unless_refused('agent_id') }} as agent_id, {{ unless_refused('thread_id') }} as thread_id,
        {{ unless_refused('contact_hash') }} as contact_hash, {{ unless_refused('known_payload') }} as payload,
        known_event is not null as is_known_event,
        -- Only a line that was loaded before its event was known, or the field required, can lack one.
        {{ has_required_fields('known_payload') }} as is_complete,
        load_id, source_file_id, line_number,
        case when is_erased then -1 when is_refused then 0 else coalesce(copies.copy_number, 1) end as copy_number,
        {{ current_build() }} as build_id
    from admitted
    left join copies using (load_id, source_file_id, line_number)
)

select * from final
