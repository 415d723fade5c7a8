-- grain: one row per name under which an event of the contract may be written
with

event_fields as (
    select * from {{ ref('event_fields') }}
),

event_aliases as (
    select * from {{ ref('event_aliases') }}
),

-- Not written down in between, which would keep the many lines that are joined with it in one process.
contract as {{ computed_twice() }} (
    select
        event,
        array_agg(field order by field) filter (where is_required) as required_fields
    from event_fields
    group by event
),

final as (
    select
        event as event_as_written,
        event,
        null as implied_field,
        null as implied_value,
        required_fields
    from contract
    union all
    select
        event_aliases.alias as event_as_written,
        event_aliases.event,
        event_aliases.field as implied_field,
        event_aliases.value as implied_value,
        contract.required_fields
    from event_aliases
    inner join contract
        on event_aliases.event = contract.event
)

select * from final
