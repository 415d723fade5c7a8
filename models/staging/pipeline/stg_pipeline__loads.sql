-- grain: one row per transaction of the loader
with

loads as (
    select * from {{ source('raw', 'loads') }}
),

final as (
    select
        load_id,
        source_file_id,
        first_line,
        last_line,
        lines_read as lines_read_count,
        lines_loaded as lines_loaded_count,
        lines_rejected as lines_rejected_count,
        loaded_at
    from loads
)

select * from final
