-- grain: one row per tenant and local month in which anything happened
with

figures as (
    select * from {{ ref('headline_figures_monthly') }}
),

final as (
    select
        figures.*,

        figures.sessions_count - mom.sessions_count as sessions_count_mom_change,
        figures.ai_resolution_rate - mom.ai_resolution_rate as ai_resolution_rate_mom_change,
        figures.avg_ai_response_time_ms - mom.avg_ai_response_time_ms as avg_ai_response_time_ms_mom_change,
        figures.cost_saving_amount - mom.cost_saving_amount as cost_saving_amount_mom_change,
        figures.order_query_success_rate - mom.order_query_success_rate as order_query_success_rate_mom_change,
        figures.tracking_query_success_rate - mom.tracking_query_success_rate as tracking_query_success_rate_mom_change,
        figures.handled_sessions_count - mom.handled_sessions_count as handled_sessions_count_mom_change,
        figures.avg_first_response_seconds - mom.avg_first_response_seconds as avg_first_response_seconds_mom_change,
        figures.avg_handle_time_seconds - mom.avg_handle_time_seconds as avg_handle_time_seconds_mom_change,
        figures.transfer_rate - mom.transfer_rate as transfer_rate_mom_change,
        figures.closed_tickets_count - mom.closed_tickets_count as closed_tickets_count_mom_change,
        figures.avg_resolution_hours - mom.avg_resolution_hours as avg_resolution_hours_mom_change,
        figures.sla_attainment_rate - mom.sla_attainment_rate as sla_attainment_rate_mom_change,

        figures.sessions_count - yoy.sessions_count as sessions_count_yoy_change,
        figures.ai_resolution_rate - yoy.ai_resolution_rate as ai_resolution_rate_yoy_change,
        figures.avg_ai_response_time_ms - yoy.avg_ai_response_time_ms as avg_ai_response_time_ms_yoy_change,
        figures.cost_saving_amount - yoy.cost_saving_amount as cost_saving_amount_yoy_change,
        figures.order_query_success_rate - yoy.order_query_success_rate as order_query_success_rate_yoy_change,
        figures.tracking_query_success_rate - yoy.tracking_query_success_rate as tracking_query_success_rate_yoy_change,
        figures.handled_sessions_count - yoy.handled_sessions_count as handled_sessions_count_yoy_change,
        figures.avg_first_response_seconds - yoy.avg_first_response_seconds as avg_first_response_seconds_yoy_change,
        figures.avg_handle_time_seconds - yoy.avg_handle_time_seconds as avg_handle_time_seconds_yoy_change,
        figures.transfer_rate - yoy.transfer_rate as transfer_rate_yoy_change,
        figures.closed_tickets_count - yoy.closed_tickets_count as closed_tickets_count_yoy_change,
        figures.avg_resolution_hours - yoy.avg_resolution_hours as avg_resolution_hours_yoy_change,
        figures.sla_attainment_rate - yoy.sla_attainment_rate as sla_attainment_rate_yoy_change
    from figures
    left join figures as mom
        on
            figures.tenant_id = mom.tenant_id
            and figures.month = {{ month_after('mom.month') }}
    left join figures as yoy
        on
            figures.tenant_id = yoy.tenant_id
            and figures.month = {{ month_after('yoy.month', 12) }}
)

select * from final
