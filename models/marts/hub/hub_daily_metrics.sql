-- grain: one row per tenant, local date and figure of the customer hub
with

days as (
    select * from {{ ref('int_hub_days_counted') }}
),

labels as (
    select * from {{ ref('hub_metric_labels') }}
),

targets as (
    select * from {{ ref('hub_targets') }}
),

figures as (
    select
        days.tenant_id, days.metric_date, days.is_final, labels.*,
        case labels.metric
            when 'pool_threads' then days.pool_count
            when 'pool_clear_rate' then days.pool_seen_count - days.pool_count
            when 'avg_reply_minutes' then {{ ratio('days.reply_seconds_total', '60') }}
            when 'overdue_rate' then days.overdue_count
            when 'promoted_contacts' then days.promoted_count
            when 'pre_sales_triggers_fired' then days.pre_sales_fired_count
            when 'pre_sales_triggers_used' then days.pre_sales_used_count
            when 'after_sales_triggers_fired' then days.after_sales_fired_count
            when 'after_sales_triggers_used' then days.after_sales_used_count
            when 'bizdev_triggers_fired' then days.bizdev_fired_count
            when 'bizdev_triggers_used' then days.bizdev_used_count
        end as numerator,
        case labels.metric
            when 'pool_clear_rate' then days.pool_seen_count
            when 'avg_reply_minutes' then days.replies_count
            when 'overdue_rate' then days.overdue_count + days.in_time_count
        end as denominator
    from days
    cross join labels
),

measured as (
    select
        *,
        case when unit = 'count' then cast(numerator as numeric(18, 6)) else {{ ratio('numerator', 'denominator') }} end
            as figure
    from figures
),

final as (
    select
        measured.tenant_id,
        measured.metric_date,
        measured.metric,
        measured.display_order,
        measured.unit,
        measured.label_en,
        measured.label_zh,

        cast(measured.numerator as numeric(18, 6)) as numerator,
        measured.denominator,
        measured.figure,
        targets.comparison,
        targets.target,
        case targets.comparison
            when 'at_least' then measured.figure >= targets.target
            when 'at_most' then measured.figure <= targets.target
        end as is_target_met,
        measured.is_final
    from measured
    left join targets
        on
            measured.metric = targets.metric
            and measured.metric_date >= targets.valid_from
            and measured.metric_date < coalesce(targets.valid_to, date '9999-12-31')
)

select * from final
