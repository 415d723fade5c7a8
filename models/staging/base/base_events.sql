-- grain: one row per complete event that has happened by as_of
with

base_event_lines as (
    select * from {{ ref('base_event_lines') }}
),

final as (
    select *
    from base_event_lines
    where
        copy_number = 1 and is_complete
        -- As a difference: nearly all events have happened, and the index of the time would be read from end to end.
        and {{ current_as_of() }} - occurred_at >= interval '0 seconds'
)

select * from final
