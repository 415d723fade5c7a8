-- Why was a ticket's promise breached, or kept? One row per stretch of each of its clocks: from when to when it ran or paused and why,
-- what that added, and how much of the target was used up then. For psql:
--   loader db psql --role transformer -v tenant=default -v ticket=t-0001 -f dbt_project/analyses/explain_ticket.sql
-- path and line_number lead to the log line that began the stretch; null once the ticket's lines are pruned.
with

segments as (
    select
        *,
        sum(business_seconds) over (
            partition by tenant_id, ticket_id, metric, application_number order by segment_number
        ) as elapsed_seconds
    from marts.fct_ticket_sla_segments
    where tenant_id = :'tenant' and ticket_id = :'ticket'
)

select
    segments.metric || ' ' || segments.application_number as clock,
    clocks.sla_status,
    segments.started_at,
    segments.ended_at,
    segments.segment_type,
    segments.reason,
    segments.priority,
    segments.calendar_id,
    segments.business_seconds,
    segments.elapsed_seconds,
    segments.target_seconds,
    case
        when clocks.breached_at >= segments.started_at and clocks.breached_at < segments.ended_at then clocks.breached_at
    end as breached_at,
    clocks.deadline_at,
    source_files.path,
    lines.line_number
from segments
inner join marts.fct_ticket_sla as clocks using (tenant_id, ticket_id, metric, application_number)
left join staging.base_event_lines as lines
    on segments.started_by_event_id = lines.event_id and lines.copy_number = 1
left join staging.stg_pipeline__source_files as source_files
    on lines.source_file_id = source_files.source_file_id
order by segments.metric, segments.application_number, segments.segment_number;
