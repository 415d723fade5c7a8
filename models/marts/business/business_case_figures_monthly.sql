-- grain: one row per tenant, local month and headline figure
with

headline as (
    select * from {{ ref('headline_figures_monthly') }}
),

metric_labels as (
    select * from {{ ref('metric_labels') }}
),

figures as (
    select
        headline.tenant_id,
        headline.month,
        headline.currency,
        headline.is_month_over,
        metric_labels.metric,
        metric_labels.display_order,
        metric_labels.unit,
        metric_labels.label_en,
        metric_labels.label_zh,
        case metric_labels.metric
            when 'sessions' then cast(headline.sessions_count as numeric)
            when 'ai_resolution_rate' then headline.ai_resolution_rate
            when 'avg_ai_response' then headline.avg_ai_response_time_ms
            when 'cost_saving' then headline.cost_saving_amount
            when 'order_query_success_rate' then headline.order_query_success_rate
            when 'tracking_query_success_rate' then headline.tracking_query_success_rate
            when 'agent_handled_sessions' then headline.handled_sessions_count
            when 'avg_first_response' then headline.avg_first_response_seconds
            when 'avg_handle_time' then headline.avg_handle_time_seconds
            when 'transfer_rate' then headline.transfer_rate
            when 'tickets_closed' then headline.closed_tickets_count
            when 'avg_resolution_time' then headline.avg_resolution_hours
            when 'sla_attainment_rate' then headline.sla_attainment_rate
        end as figure
    from headline
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
