-- grain: one row per log file, by content
with

source_files as (
    select * from {{ source('raw', 'source_files') }}
),

final as (
    select
        source_file_id,
        path,
        bytes_consumed,
        lines_consumed - inherited_lines as lines_read_count,
        inherited_lines as inherited_lines_count,
        first_seen_at,
        last_read_at
    from source_files
)

select * from final
