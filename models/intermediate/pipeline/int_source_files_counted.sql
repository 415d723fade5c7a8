-- grain: one row per log file with loaded lines
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='source_file_id',
        post_hook=['analyze {{ this }}', "{{ mark_built() }}"],
    )
}}
with

lines as (
    select * from {{ ref('base_event_lines') }}
    {{ only_touched(ref('base_event_lines'), 'source_file_id') }}
),

final as (
    select
        source_file_id,
        count(*) filter (where copy_number = 1) as loaded_lines_count,
        count(*) filter (where copy_number = 1 and not is_complete) as incomplete_lines_count,
        count(*) filter (where copy_number > 1) as duplicate_lines_count
    from lines
    group by source_file_id
)

select * from final
