-- grain: one row per transaction of the loader
with

loads as (
    select * from {{ source('raw', 'loads') }}
),

final as (
    select
        loads.load_id,
        loads.source_file_id,
        loads.first_line,
        loads.last_line,
        loads.lines_read as lines_read_count,
        loads.lines_loaded as lines_loaded_count,
        loads.lines_rejected as lines_rejected_count,
        loads.lines_retried as lines_retried_count,
        loads.loaded_at,
        loads.loaded_on,
        {{ is_load_built('loads', ref('base_event_lines')) }} as is_built
    from loads
)

select * from final
