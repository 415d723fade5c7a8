-- grain: one row per log file, by content
with

source_files as (
    select * from {{ source('raw', 'source_files') }}
),

pruned_lines as (
    select * from {{ source('raw', 'pruned_lines') }}
),

erased_lines as (
    select * from {{ source('raw', 'erased_lines') }}
),

pruned as (
    select
        source_file_id,
        cast(sum(dead_letters_count) as bigint) as dead_letters_count,
        cast(sum(discarded_count) as bigint) as discarded_count
    from pruned_lines
    group by source_file_id
),

erased as (
    select
        source_file_id,
        count(*) as erased_lines_count
    from erased_lines
    group by source_file_id
),

final as (
    select
        source_file_id,
        path,
        bytes_consumed,
        lines_consumed - inherited_lines as lines_read_count,
        inherited_lines as inherited_lines_count,
        coalesce(pruned.dead_letters_count, 0) as pruned_dead_letters_count,
        coalesce(pruned.discarded_count, 0) as pruned_discarded_count,
        coalesce(erased.erased_lines_count, 0) as erased_lines_count,
        first_seen_at,
        last_read_at
    from source_files
    left join pruned using (source_file_id)
    left join erased using (source_file_id)
)

select * from final
