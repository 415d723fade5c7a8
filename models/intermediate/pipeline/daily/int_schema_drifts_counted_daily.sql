-- grain: one row per day in UTC of the load, event, and field of it that the contract does not have
with

lines as (
    select * from {{ ref('base_event_lines') }}
    {{ only_touched_load_days() }}
),

loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

event_fields as (
    select * from {{ ref('event_fields') }}
),

contract as (
    select
        event,
        array_agg(field) as fields
    from event_fields
    group by event
),

-- Most lines have no such field, which is seen without taking them apart.
unknown as (
    select
        lines.load_id,
        lines.event,
        lines.occurred_at,
        case
            when lines.is_known_event then {{ json_other_fields('lines.payload', 'contract.fields') }}
            else {{ text_list("'" ~ whole_event() ~ "'") }}
        end as fields
    from lines
    left join contract
        on lines.event = contract.event
    where
        lines.copy_number = 1
        and (not lines.is_known_event or {{ json_has_other_fields('lines.payload', 'contract.fields') }})
),

listed as (
    select
        load_id,
        event,
        occurred_at,
        unnest(fields) as field
    from unknown
),

final as (
    select
        loads.loaded_on,
        listed.event,
        listed.field,
        count(*) as lines_count,
        min(listed.occurred_at) as first_seen_at,
        max(listed.occurred_at) as last_seen_at
    from listed
    inner join loads
        on listed.load_id = loads.load_id
    group by loads.loaded_on, listed.event, listed.field
)

select * from final
