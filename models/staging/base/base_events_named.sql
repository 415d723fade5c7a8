-- grain: one row per loaded line, under the event's name in the contract; repeated events are still in it
with

events as (
    select * from {{ source('raw', 'events') }}
),

base_event_names as (
    select * from {{ ref('base_event_names') }}
),

named as (
    select
        events.*,
        base_event_names.event as known_event,
        base_event_names.required_fields,
        {{ json_with('events.payload', 'base_event_names.implied_field', 'base_event_names.implied_value') }}
            as known_payload
    from events
    left join base_event_names
        on events.event = base_event_names.event_as_written
),

final as (
    select
        event_id,
        coalesce(known_event, event) as event,
        event as event_as_written,
        occurred_at,
        product,
        tenant_id,
        schema_version,
        emitter_id,
        seq,
        {{ json_text('known_payload', 'session_id') }} as session_id,
        known_payload as payload,
        known_event is not null as is_known_event,
        -- Only a line that was loaded before its event was known can lack a field: it was not checked then.
        coalesce({{ json_has_fields('known_payload', 'required_fields') }}, true) as is_complete,
        load_id,
        source_file_id,
        line_number
    from named
)

select * from final
