-- grain: one row per line that came with a number within its emitter, whatever became of it behind the loader
with

base_event_lines as (
    select * from {{ ref('base_event_lines') }}
),

erased_lines as (
    select * from {{ source('raw', 'erased_lines') }}
),

final as (
    select
        load_id,
        source_file_id,
        line_number,
        product,
        emitter_id,
        seq,
        {{ local_date('occurred_at', "'UTC'") }} as event_date,
        build_id
    from base_event_lines
    where emitter_id is not null and seq is not null
    union all
    select
        load_id,
        source_file_id,
        line_number,
        product,
        emitter_id,
        seq,
        occurred_on as event_date,
        null as build_id
    from erased_lines
    where emitter_id is not null and seq is not null
)

select * from final
