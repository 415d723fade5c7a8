-- grain: one row per log file: lines read = loaded + duplicates + pending + rejected + erased
with

source_files as (
    select * from {{ ref('stg_pipeline__source_files') }}
),

dead_letters as (
    select * from {{ ref('stg_pipeline__dead_letters') }}
),

loads as (
    select * from {{ ref('stg_pipeline__loads') }}
),

counted as (
    select * from {{ ref('int_source_files_counted') }}
),

rejected as (
    select
        source_file_id,
        count(*) as rejected_lines_count,
        count(*) filter (where state = 'discarded') as discarded_lines_count
    from dead_letters
    -- A retried line is loaded: it counts there.
    where reason not in ('beyond_retention', 'erased') and state != 'retried'
    group by source_file_id
),

retried as (
    select
        source_file_id,
        cast(sum(lines_retried_count) as bigint) as retried_lines_count
    from loads
    group by source_file_id
),

accounted as (
    select
        source_files.source_file_id,
        coalesce(counted.loaded_lines_count, 0) as loaded_lines_count,
        coalesce(counted.incomplete_lines_count, 0) as incomplete_lines_count,
        coalesce(counted.duplicate_lines_count, 0) as duplicate_lines_count,
        coalesce(counted.refused_lines_count, 0) as beyond_retention_lines_count,
        source_files.erased_lines_count + coalesce(counted.erased_lines_count, 0) as erased_lines_count,
        coalesce(rejected.rejected_lines_count, 0)
        + source_files.pruned_dead_letters_count
        + coalesce(counted.refused_lines_count, 0) as rejected_lines_count,
        coalesce(rejected.discarded_lines_count, 0)
        + source_files.pruned_discarded_count as discarded_lines_count,
        coalesce(retried.retried_lines_count, 0) as retried_lines_count
    from source_files
    left join counted using (source_file_id)
    left join rejected using (source_file_id)
    left join retried using (source_file_id)
),

final as (
    select
        source_files.source_file_id,
        source_files.path,
        source_files.last_read_at,
        source_files.inherited_lines_count,
        source_files.lines_read_count as read_lines_count,
        accounted.loaded_lines_count,
        accounted.incomplete_lines_count,
        accounted.duplicate_lines_count,
        -- Loaded since the events were last built.
        source_files.lines_read_count
        - accounted.loaded_lines_count
        - accounted.duplicate_lines_count
        - accounted.rejected_lines_count
        - accounted.erased_lines_count as pending_lines_count,
        accounted.rejected_lines_count,
        accounted.beyond_retention_lines_count,
        accounted.discarded_lines_count,
        accounted.retried_lines_count,
        accounted.erased_lines_count
    from source_files
    inner join accounted using (source_file_id)
)

select * from final
