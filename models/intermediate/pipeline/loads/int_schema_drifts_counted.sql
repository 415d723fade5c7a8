-- grain: one row per load, event, and field of it that the contract does not have
-- depends_on: {{ ref('stg_pipeline__loads') }}
with

lines as (
    select * from {{ ref('base_event_lines') }}
    {{ only_of_loads(touched_loads()) }}
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
        load_id,
        event,
        field,
        count(*) as lines_count,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from listed
    group by load_id, event, field
)

select * from final
