-- grain: one row per loaded line, under the event's name in the contract; repeated events are still in it
with

events as (
    select * from {{ source('raw', 'events') }}
),

event_aliases as (
    select * from {{ ref('event_aliases') }}
),

event_fields as (
    select * from {{ ref('event_fields') }}
),

contract as (
    select
        event,
        array_agg(field) as required_fields
    from event_fields
    where is_required
    group by event
),

named as (
    select
        events.*,
        coalesce(event_aliases.event, events.event) as contract_event,
        {{ json_with('events.payload', 'event_aliases.field', 'event_aliases.value') }} as contract_payload
    from events
    left join event_aliases
        on events.event = event_aliases.alias
),

final as (
    select
        named.event_id,
        named.contract_event as event,
        named.event as event_as_written,
        named.occurred_at,
        named.product,
        named.tenant_id,
        named.schema_version,
        named.emitter_id,
        named.seq,
        {{ json_text('named.contract_payload', 'session_id') }} as session_id,
        named.contract_payload as payload,
        -- Only a line that was loaded before its event was known can lack a field: it was not checked then.
        coalesce({{ json_has_fields('named.contract_payload', 'contract.required_fields') }}, true) as is_complete,
        named.load_id,
        named.source_file_id,
        named.line_number
    from named
    left join contract
        on named.contract_event = contract.event
)

select * from final
