-- grain: one row per tenant and local month in which anything happened
with

session_months as (
    select * from {{ ref('ai_resolution_monthly') }}
),

query_months as (
    select * from {{ ref('query_success_monthly') }}
),

handling_months as (
    select * from {{ ref('agent_handling_monthly') }}
),

ticket_months as (
    select * from {{ ref('ticket_resolution_monthly') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

-- union: a month stands once, whatever happened in it.
months as (
    select tenant_id, month from session_months
    union
    select tenant_id, month from query_months
    union
    select tenant_id, month from handling_months
    union
    select tenant_id, month from ticket_months
),

final as (
    select
        tenant_id,
        month,
        tenants.currency,
        {{ local_midnight(month_after('month'), 'tenants.timezone') }} <= {{ as_of() }} as is_month_over,

        coalesce(session_months.sessions_count, 0) as sessions_count,
        coalesce(session_months.ai_resolved_sessions_count, 0) as ai_resolved_sessions_count,
        session_months.ai_resolution_rate,
        session_months.ai_response_time_ms_total,
        coalesce(session_months.timed_ai_turns_count, 0) as timed_ai_turns_count,
        session_months.avg_ai_response_time_ms,
        coalesce(session_months.cost_saving_amount, 0) as cost_saving_amount,
        coalesce(session_months.uncosted_sessions_count, 0) as uncosted_sessions_count,

        coalesce(query_months.order_queries_count, 0) as order_queries_count,
        coalesce(query_months.successful_order_queries_count, 0) as successful_order_queries_count,
        query_months.order_query_success_rate,
        coalesce(query_months.tracking_queries_count, 0) as tracking_queries_count,
        coalesce(query_months.successful_tracking_queries_count, 0) as successful_tracking_queries_count,
        query_months.tracking_query_success_rate,

        coalesce(handling_months.handled_sessions_count, 0) as handled_sessions_count,
        handling_months.wait_seconds_total,
        coalesce(handling_months.waited_handlings_count, 0) as waited_handlings_count,
        handling_months.avg_first_response_seconds,
        handling_months.handle_seconds_total,
        coalesce(handling_months.ended_handlings_count, 0) as ended_handlings_count,
        handling_months.avg_handle_time_seconds,
        coalesce(handling_months.transfers_count, 0) as transfers_count,
        handling_months.transfer_rate,

        coalesce(ticket_months.closed_tickets_count, 0) as closed_tickets_count,
        ticket_months.resolution_seconds_total,
        coalesce(ticket_months.resolved_tickets_count, 0) as resolved_tickets_count,
        ticket_months.avg_resolution_hours,
        coalesce(ticket_months.sla_met_tickets_count, 0) as sla_met_tickets_count,
        coalesce(ticket_months.sla_breached_tickets_count, 0) as sla_breached_tickets_count,
        ticket_months.sla_attainment_rate
    from months
    inner join tenants using (tenant_id)
    left join session_months using (tenant_id, month)
    left join query_months using (tenant_id, month)
    left join handling_months using (tenant_id, month)
    left join ticket_months using (tenant_id, month)
)

select * from final
