-- grain: one row per tenant, local date and action for which the AI asked a human; test sessions excluded
with

operations as (
    select * from {{ ref('int_operations_counted_daily') }}
),

days as (
    select * from {{ ref('int_days_finalized') }}
),

interrupts as (
    select
        tenant_id,
        operation_date as interrupt_date,
        operation_name as interrupt_action,
        operations_count as interrupts_count,
        approved_count,
        rejected_count,
        expired_count,
        operations_count - approved_count - rejected_count - expired_count as pending_count
    from operations
    where operation_type = 'interrupt'
),

final as (
    select
        interrupts.*,
        days.is_final,
        {{ ratio('approved_count', 'approved_count + rejected_count + expired_count') }} as approval_rate
    from interrupts
    left join days
        on interrupts.tenant_id = days.tenant_id and interrupts.interrupt_date = days.calendar_date
)

select * from final
