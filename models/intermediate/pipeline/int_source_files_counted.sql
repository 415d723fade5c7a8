-- grain: one row per log file with loaded lines
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='source_file_id',
        on_schema_change='append_new_columns',
        meta={'erased_with': 'file'},
        pre_hook="{{ untouched_noted(['base_event_lines']) }}",
        post_hook="{{ end_model() }}",
    )
}}
with

lines as (
    select * from {{ ref('base_event_lines') }}
    {{ only_touched_by_list(ref('base_event_lines'), 'source_file_id') }}
),

counted as (
    select
        source_file_id,
        count(*) filter (where copy_number = 1) as loaded_lines_count,
        count(*) filter (where copy_number = 1 and not is_complete) as incomplete_lines_count,
        count(*) filter (where copy_number > 1) as duplicate_lines_count,
        count(*) filter (where copy_number = 0) as refused_lines_count,
        count(*) filter (where copy_number = -1) as erased_lines_count
    from lines
    group by source_file_id
),

final as (
    select
        counted.source_file_id,
        counted.loaded_lines_count + coalesce(pruned.loaded_lines_count, 0) as loaded_lines_count,
        counted.incomplete_lines_count + coalesce(pruned.incomplete_lines_count, 0) as incomplete_lines_count,
        counted.duplicate_lines_count + coalesce(pruned.duplicate_lines_count, 0) as duplicate_lines_count,
        counted.refused_lines_count + coalesce(pruned.refused_lines_count, 0) as refused_lines_count,
        counted.erased_lines_count + coalesce(pruned.erased_lines_count, 0) as erased_lines_count
    from counted
    left join {{ pruned_lines() }} as pruned
        on counted.source_file_id = pruned.source_file_id
)

select * from final
