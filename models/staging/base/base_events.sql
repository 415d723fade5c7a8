-- grain: one row per complete event that has happened by as_of
with

base_events_deduplicated as (
    select * from {{ ref('base_events_deduplicated') }}
),

final as (
    select *
    from base_events_deduplicated
    where is_complete and occurred_at <= {{ as_of() }}
)

select * from final
