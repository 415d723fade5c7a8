-- grain: one row per line that was rejected; never the line itself, which may hold personal data
with

dead_letters as (
    select * from {{ source('raw', 'dead_letters') }}
),

base_event_lines as (
    select * from {{ ref('base_event_lines') }}
),

final as (
    select
        dead_letter_id,
        load_id,
        source_file_id,
        line_number,
        reason,
        state,
        retry_load_id
    from dead_letters
    union all
    select
        null as dead_letter_id,
        load_id,
        source_file_id,
        line_number,
        case when copy_number = -1 then 'erased' else 'beyond_retention' end as reason,
        'new' as state,
        null as retry_load_id
    from base_event_lines
    where copy_number <= 0
)

select * from final
