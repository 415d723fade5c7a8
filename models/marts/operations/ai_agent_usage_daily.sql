-- grain: one row per tenant, local date and AI sub-agent that was chosen; test sessions excluded
with

operations as (
    select * from {{ ref('int_operations_counted_daily') }}
),

routings as (
    select
        tenant_id,
        operation_date as routing_date,
        operation_name as ai_agent_name,
        sessions_count,
        operations_count as routings_count,
        cast(sum(operations_count) over (partition by tenant_id, operation_date) as bigint) as all_routings_count
    from operations
    where operation_type = 'routing'
),

final as (
    select
        *,
        {{ ratio('routings_count', 'all_routings_count') }} as routing_share
    from routings
)

select * from final
