-- grain: one row per line that was rejected; never the line itself, which may hold personal data
with

dead_letters as (
    select * from {{ source('raw', 'dead_letters') }}
),

final as (
    select
        dead_letter_id,
        load_id,
        source_file_id,
        line_number,
        reason,
        state
    from dead_letters
)

select * from final
