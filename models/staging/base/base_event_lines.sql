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
lines as (
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

admitted as (
    {{ with_refusals('keyed') }}
),

{% if is_incremental() %}
-- Ranked apart, so that few and narrow rows are sorted instead of all lines. A whole history is ranked once it is
-- there: see number_copies.
copies as (
    {{ ranked_copies('admitted', 'not is_refused') }}
),
{% endif %}

-- Of a refused line nothing is kept but where it stands, and its number: it is not lost. Columns of fixed width come
-- first, then those that rows are chosen by: a row is read from its beginning as far as it is needed.
final as (
    select
        occurred_at, seq,
        case
            when is_erased then -1
            when is_refused then 0
            else {{ 'coalesce(copies.copy_number, 1)' if is_incremental() else 'cast(1 as bigint)' }}
        end as copy_number,
        {{ current_build() }} as build_id,
        load_id, source_file_id, line_number, schema_version, known_event is not null as is_known_event,
        -- Only a line that was loaded before its event was known, or the field required, can lack one.
        {{ has_required_fields('known_payload') }} as is_complete,
        event, {{ unless_refused('session_id') }} as session_id, tenant_id,
        {{ unless_refused('ticket_id') }} as ticket_id, {{ unless_refused('agent_id') }} as agent_id,
        {{ unless_refused('thread_id') }} as thread_id, {{ unless_refused('contact_hash') }} as contact_hash,
        {{ unless_refused('event_id') }} as event_id, event_as_written, product, emitter_id,
        {{ unless_refused('known_payload') }} as payload
    from admitted
    {{ 'left join copies using (load_id, source_file_id, line_number)' if is_incremental() }}
)

select * from final
