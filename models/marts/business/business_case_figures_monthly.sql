-- grain: one row per tenant, local month and headline figure
with

business_case as (
    select * from {{ ref('business_case_monthly') }}
),

metric_labels as (
    select * from {{ ref('metric_labels') }}
),

figures as (
    select
        business_case.tenant_id,
        business_case.month,
        business_case.currency,
        business_case.is_month_over,
        metric_labels.metric,
        metric_labels.display_order,
        metric_labels.unit,
        metric_labels.label_en,
        metric_labels.label_zh,
        case metric_labels.metric
            when 'sessions' then cast(business_case.sessions_count as numeric)
            when 'ai_resolution_rate' then business_case.ai_resolution_rate
            when 'avg_ai_response' then business_case.avg_ai_response_time_ms
            when 'cost_saving' then business_case.cost_saving_amount
            when 'order_query_success_rate' then business_case.order_query_success_rate
            when 'tracking_query_success_rate' then business_case.tracking_query_success_rate
            when 'agent_handled_sessions' then business_case.handled_sessions_count
            when 'avg_first_response' then business_case.avg_first_response_seconds
            when 'avg_handle_time' then business_case.avg_handle_time_seconds
            when 'transfer_rate' then business_case.transfer_rate
            when 'tickets_closed' then business_case.closed_tickets_count
            when 'avg_resolution_time' then business_case.avg_resolution_hours
            when 'sla_attainment_rate' then business_case.sla_attainment_rate
        end as figure
    from business_case
    cross join metric_labels
),

final as (
    select
        figures.tenant_id,
        figures.month,
        figures.metric,
        figures.display_order,
        figures.unit,
        figures.label_en,
        figures.label_zh,
        figures.currency,
        figures.is_month_over,
        figures.figure,
        month_before.figure as month_before_figure,
        figures.figure - month_before.figure as change_on_month_before,
        year_before.figure as year_before_figure,
        figures.figure - year_before.figure as change_on_year_before
    from figures
    left join figures as month_before
        on
            figures.tenant_id = month_before.tenant_id
            and figures.metric = month_before.metric
            and figures.month = {{ month_after('month_before.month') }}
    left join figures as year_before
        on
            figures.tenant_id = year_before.tenant_id
            and figures.metric = year_before.metric
            and figures.month = {{ month_after('year_before.month', 12) }}
)

select * from final
