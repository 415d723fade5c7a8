-- grain: one row per log file: lines read = loaded + duplicates + pending + rejected
with

source_files as (
    select * from {{ ref('stg_pipeline__source_files') }}
),

dead_letters as (
    select * from {{ ref('stg_pipeline__dead_letters') }}
),

lines as (
    select * from {{ ref('base_events_named') }}
),

events as (
    select * from {{ ref('base_events_deduplicated') }}
),

rejected as (
    select
        source_file_id,
        count(*) as rejected_lines_count
    from dead_letters
    group by source_file_id
),

traced as (
    select
        lines.source_file_id,
        events.event_id is null as is_pending,
        coalesce(events.source_file_id = lines.source_file_id and events.line_number = lines.line_number, false)
            as is_kept,
        events.is_complete
    from lines
    left join events
        on lines.event_id = events.event_id
),

counted as (
    select
        source_file_id,
        count(*) filter (where is_kept) as loaded_lines_count,
        count(*) filter (where is_kept and not is_complete) as incomplete_lines_count,
        count(*) filter (where not is_kept and not is_pending) as duplicate_lines_count,
        count(*) filter (where is_pending) as pending_lines_count
    from traced
    group by source_file_id
),

final as (
    select
        source_files.source_file_id,
        source_files.path,
        source_files.last_read_at,
        source_files.inherited_lines_count,
        source_files.lines_read_count as read_lines_count,
        coalesce(counted.loaded_lines_count, 0) as loaded_lines_count,
        coalesce(counted.incomplete_lines_count, 0) as incomplete_lines_count,
        coalesce(counted.duplicate_lines_count, 0) as duplicate_lines_count,
        coalesce(counted.pending_lines_count, 0) as pending_lines_count,
        coalesce(rejected.rejected_lines_count, 0) as rejected_lines_count
    from source_files
    left join counted using (source_file_id)
    left join rejected using (source_file_id)
)

select * from final
