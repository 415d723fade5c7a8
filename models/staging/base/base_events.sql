-- grain: one row per complete event that has happened by as_of
with

base_event_lines as (
    select * from {{ ref('base_event_lines') }}
),

final as (
    select *
    from base_event_lines
    where copy_number = 1 and is_complete and occurred_at <= {{ current_as_of() }}
)

select * from final
