-- grain: one row per source file: how many lines of it stand in raw.events
with

events as (
    select * from {{ source('raw', 'events') }}
),

final as (
    select
        source_file_id,
        count(*) as events_count
    from events
    group by source_file_id
)

select * from final
