-- grain: one row per event and field that came and that the contract does not have
with

drifts as (
    select * from {{ ref('int_schema_drifts_counted') }}
),

final as (
    select
        event,
        field,
        cast(sum(lines_count) as bigint) as lines_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from drifts
    group by event, field
)

select * from final
