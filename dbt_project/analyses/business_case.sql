-- The business case of the last month, as a table for people. Plain SQL on the marts: any reader may run it.
with

figures as (
    select * from marts.business_case_figures_monthly
),

last_months as (
    select
        tenant_id,
        max(month) as month
    from figures
    group by tenant_id
),

worded as (
    select
        figures.*,
        case when figures.currency = 'CNY' then '¥' else figures.currency || ' ' end as money
    from figures
    inner join last_months using (tenant_id, month)
)

select
    tenant_id as "Tenant 租户",
    to_char(month, 'YYYY-MM') || case when is_month_over then '' else ' (running 进行中)' end as "Month 月份",
    label_en as "Figure",
    label_zh as "指标",
    case unit
        when 'count' then to_char(figure, 'FM999,999,999,990')
        when 'rate' then to_char(100 * figure, 'FM990.0') || ' %'
        when 'milliseconds' then to_char(figure / 1000, 'FM999,990.00') || ' s'
        when 'seconds' then
            case
                when figure < 120 then to_char(figure, 'FM999,990.0') || ' s'
                else to_char(figure / 60, 'FM999,990.0') || ' min'
            end
        when 'hours' then to_char(figure, 'FM999,990.0') || ' h'
        when 'amount' then money || to_char(figure, 'FM999,999,999,990')
    end as "Value 数值",
    case
        when not is_month_over then '…'
        when unit = 'rate' then to_char(100 * change_on_month_before, 'SFM990.0') || ' pp'
        else to_char(100 * change_on_month_before / nullif(month_before_figure, 0), 'SFM999,990.0') || ' %'
    end as "Change 环比"
from worded
order by tenant_id, display_order
