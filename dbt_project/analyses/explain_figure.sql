-- What a figure of the business case is made of: one row per session or ticket that counts in it. metric: a metric of
-- marts.business_case_figures_monthly, or the column of marts.business_case_monthly; the list is below.
-- sum(numerator) / sum(denominator) is the figure; sum(numerator) alone where the denominator is empty. For psql:
--   loader db psql --role transformer -v tenant=default -v month=2026-10-01 -v metric=ai_resolution_rate \
--     -f dbt_project/analyses/explain_figure.sql
-- Go on from a session with explain_session.sql.
\set ON_ERROR_STOP on

with

known (metric, figure_column) as (
    values
    ('sessions', 'sessions_count'),
    ('ai_resolution_rate', 'ai_resolution_rate'),
    ('avg_ai_response', 'avg_ai_response_time_ms'),
    ('cost_saving', 'cost_saving_amount'),
    ('order_query_success_rate', 'order_query_success_rate'),
    ('tracking_query_success_rate', 'tracking_query_success_rate'),
    ('agent_handled_sessions', 'handled_sessions_count'),
    ('avg_first_response', 'avg_first_response_seconds'),
    ('avg_handle_time', 'avg_handle_time_seconds'),
    ('transfer_rate', 'transfer_rate'),
    ('tickets_closed', 'closed_tickets_count'),
    ('avg_resolution_time', 'avg_resolution_hours'),
    ('sla_attainment_rate', 'sla_attainment_rate')
)

select
    count(*) = 1 as is_known,
    coalesce(min(metric), :'metric') as metric
from known
where :'metric' in (metric, figure_column)
\gset

\if :is_known
\else
\warn 'No figure of the business case is called' :metric
do $$ begin raise exception 'Ask for a metric of marts.business_case_figures_monthly or a column of marts.business_case_monthly.'; end $$;
\endif

with

asked as (
    select
        :'tenant' as tenant_id,
        cast(:'month' as date) as first_day,
        cast(cast(:'month' as date) + interval '1 month' as date) as next_month,
        :'metric' as metric
),

sessions as (
    select
        fct_sessions.session_id,
        fct_sessions.session_date as counted_on,
        case asked.metric
            when 'sessions' then 1
            when 'ai_resolution_rate' then cast(not fct_sessions.is_escalated as integer)
            when 'avg_ai_response' then fct_sessions.ai_response_time_ms_total
            when 'cost_saving'
                then case when fct_sessions.is_escalated then 0 else coalesce(fct_sessions.human_cost_per_contact_amount, 0) end
        end as numerator,
        case asked.metric
            when 'ai_resolution_rate' then 1
            when 'avg_ai_response' then fct_sessions.timed_ai_turns_count
        end as denominator
    from asked
    inner join marts.fct_sessions
        on
            asked.tenant_id = fct_sessions.tenant_id
            and asked.first_day <= fct_sessions.session_date
            and asked.next_month > fct_sessions.session_date
    where
        not fct_sessions.is_test
        and asked.metric in ('sessions', 'ai_resolution_rate', 'avg_ai_response', 'cost_saving')
),

queries as (
    select
        operations.session_id,
        min(operations.operation_date) as counted_on,
        count(*) filter (where operations.operation_status = 'successful') as numerator,
        count(*) as denominator
    from asked
    inner join intermediate.int_session_operations_listed as operations
        on
            asked.tenant_id = operations.tenant_id
            and asked.first_day <= operations.operation_date
            and asked.next_month > operations.operation_date
            and asked.metric = operations.operation_type || '_success_rate'
    where not operations.is_test and operations.operation_type in ('order_query', 'tracking_query')
    group by operations.session_id
),

handlings as (
    select
        days.session_id,
        min(days.step_date) as counted_on,
        case min(asked.metric)
            when 'agent_handled_sessions' then max(cast(days.handlings_count > 0 as integer))
            when 'avg_first_response' then sum(days.wait_seconds_total)
            when 'avg_handle_time' then sum(days.handle_seconds_total)
            when 'transfer_rate' then sum(days.transfers_count)
        end as numerator,
        case min(asked.metric)
            when 'avg_first_response' then sum(days.waited_handlings_count)
            when 'avg_handle_time' then sum(days.ended_handlings_count)
            when 'transfer_rate' then max(cast(days.handlings_count > 0 as integer))
        end as denominator
    from asked
    inner join intermediate.int_session_handlings_summed_daily as days
        on
            asked.tenant_id = days.tenant_id
            and asked.first_day <= days.step_date
            and asked.next_month > days.step_date
    where asked.metric in ('agent_handled_sessions', 'avg_first_response', 'avg_handle_time', 'transfer_rate')
    group by days.session_id
),

tickets as (
    select
        fct_tickets.ticket_id,
        fct_tickets.session_id,
        fct_tickets.closed_date as counted_on,
        case asked.metric
            when 'tickets_closed' then 1
            when 'avg_resolution_time' then fct_tickets.resolution_seconds / 3600
            when 'sla_attainment_rate' then cast(fct_tickets.is_sla_met as integer)
        end as numerator,
        case asked.metric
            when 'avg_resolution_time' then cast(fct_tickets.resolution_seconds is not null as integer)
            when 'sla_attainment_rate' then cast(fct_tickets.is_sla_met is not null as integer)
        end as denominator
    from asked
    inner join marts.fct_tickets
        on
            asked.tenant_id = fct_tickets.tenant_id
            and asked.first_day <= fct_tickets.closed_date
            and asked.next_month > fct_tickets.closed_date
    where asked.metric in ('tickets_closed', 'avg_resolution_time', 'sla_attainment_rate')
),

counted as (
    select session_id, null as ticket_id, counted_on, numerator, denominator from sessions
    union all
    select session_id, null as ticket_id, counted_on, numerator, denominator from queries
    union all
    select session_id, null as ticket_id, counted_on, numerator, denominator from handlings
    union all
    select session_id, ticket_id, counted_on, numerator, denominator from tickets
)

select
    session_id,
    ticket_id,
    counted_on,
    numerator,
    denominator
from counted
-- What counts in neither part is no part of the figure.
where numerator is distinct from 0 or denominator is distinct from 0
order by counted_on, session_id, ticket_id;
