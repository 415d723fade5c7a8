-- grain: one row per log file: lines read = loaded + duplicates + rejected
with

source_files as (
    select * from {{ ref('stg_pipeline__source_files') }}
),

dead_letters as (
    select * from {{ ref('stg_pipeline__dead_letters') }}
),

loaded_lines as (
    select * from {{ ref('stg_pipeline__loaded_lines') }}
),

base_events as (
    select * from {{ ref('base_events_deduplicated') }}
),

rejected as (
    select
        source_file_id,
        count(*) as rejected_lines_count
    from dead_letters
    group by source_file_id
),

kept as (
    select
        source_file_id,
        count(*) as kept_lines_count,
        count(*) filter (where not is_complete) as incomplete_lines_count
    from base_events
    group by source_file_id
),

final as (
    select
        source_files.source_file_id,
        source_files.path,
        source_files.last_read_at,
        source_files.inherited_lines_count,
        source_files.lines_read_count as read_lines_count,
        coalesce(kept.kept_lines_count, 0) as loaded_lines_count,
        coalesce(kept.incomplete_lines_count, 0) as incomplete_lines_count,
        coalesce(loaded_lines.events_count, 0) - coalesce(kept.kept_lines_count, 0) as duplicate_lines_count,
        coalesce(rejected.rejected_lines_count, 0) as rejected_lines_count
    from source_files
    left join loaded_lines using (source_file_id)
    left join kept using (source_file_id)
    left join rejected using (source_file_id)
)

select * from final
