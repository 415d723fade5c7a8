-- grain: one row per emitter, product, day in UTC and run of consecutive numbers that arrived on lines of that day
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['emitter_id', 'product', 'event_date'],
        on_schema_change='append_new_columns',
        meta={'erased_with': 'whole'},
        indexes=[{'columns': ['emitter_id', 'product', 'event_date']}],
        pre_hook="{{ forget_outdated(['base_event_lines']) }}",
        post_hook="{{ end_model() }}",
    )
}}
with

-- An erasure makes this model outdated: erased lines belong to no build.
arrived as (
    select * from {{ ref('stg_pipeline__line_numbers') }}
    {% if is_incremental() and not last_mark().is_outdated %}
    where build_id > {{ last_mark().build_id }}
    {% endif %}
),

-- Blocks of 32 numbers, a bit for each: most are whole, and need not be sorted number by number.
blocks as (
    select
        emitter_id, product, event_date,
        seq - seq % 32 as block_seq,
        bit_or(cast(1 as bigint) << cast(seq % 32 as integer)) as seq_bits
    from arrived
    group by emitter_id, product, event_date, block_seq
),

-- The places of a block that is not whole, each a number that came or did not.
places as (
    select *, unnest(array{{ range(32) | list }}) as place
    from blocks
    where seq_bits != 4294967295
),

runs as (
    select emitter_id, product, event_date, block_seq as first_seq, block_seq + 31 as last_seq
    from blocks
    where seq_bits = 4294967295
    union all
    select emitter_id, product, event_date, block_seq + place as first_seq, block_seq + place as last_seq
    from places
    where (seq_bits >> place) % 2 = 1
    {% if is_incremental() %}
    -- The same number twice is one: runs that are known may be merged with the lines they were made of.
    union all
    select emitter_id, product, event_date, first_seq, last_seq
    from {{ this }}
    where (emitter_id, product, event_date) in (select emitter_id, product, event_date from blocks)
    {% endif %}
),

followed as (
    select
        *,
        max(last_seq) over (
            partition by emitter_id, product, event_date
            order by first_seq, last_seq
            rows between unbounded preceding and 1 preceding
        ) as last_seq_before
    from runs
),

numbered as (
    select
        *,
        sum(case when first_seq <= last_seq_before + 1 then 0 else 1 end) over (
            partition by emitter_id, product, event_date
            order by first_seq, last_seq
            rows unbounded preceding
        ) as run_number
    from followed
),

final as (
    select
        emitter_id, product, event_date,
        min(first_seq) as first_seq,
        max(last_seq) as last_seq
    from numbered
    group by emitter_id, product, event_date, run_number
)

select * from final
