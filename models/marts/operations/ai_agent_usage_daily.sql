-- grain: one row per tenant, local date and AI sub-agent that was chosen; test sessions excluded
with

operations as (
    select * from {{ ref('int_operations_counted_daily') }}
),

days as (
    select * from {{ ref('int_days_finalized') }}
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
        routings.*,
        days.is_final,
        {{ ratio('routings_count', 'all_routings_count') }} as routing_share
    from routings
    left join days
        on routings.tenant_id = days.tenant_id and routings.routing_date = days.calendar_date
)

select * from final
