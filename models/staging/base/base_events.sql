-- grain: one row per event that has happened by as_of
with

base_events_deduplicated as (
    select * from {{ ref('base_events_deduplicated') }}
),

final as (
    select *
    from base_events_deduplicated
    where occurred_at <= {{ as_of() }}
)

select * from final
