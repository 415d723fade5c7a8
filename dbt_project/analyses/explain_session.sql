-- The log lines that a session or ticket is made of, in the order of events: file, line in it, load, and what became of the line. For psql:
--   loader db psql --role transformer -v tenant=default -v id=s-0001 -f dbt_project/analyses/explain_session.sql
-- copy_number 1 is the event itself, higher ones are repetitions, which count nowhere. is_evidence marks the event that proves the
-- session's outcome. See the line with: sed -n "${line_number}p" path (zcat before it for .gz).
select
    lines.occurred_at,
    lines.event,
    source_files.path,
    lines.line_number,
    lines.load_id,
    lines.copy_number,
    coalesce(lines.event_id = fct_sessions.outcome_evidence_event_id and lines.copy_number = 1, false) as is_evidence,
    lines.event_id
from staging.base_event_lines as lines
inner join staging.stg_pipeline__source_files as source_files
    on lines.source_file_id = source_files.source_file_id
left join marts.fct_sessions
    on lines.tenant_id = fct_sessions.tenant_id and lines.session_id = fct_sessions.session_id
where lines.tenant_id = :'tenant' and (lines.session_id = :'id' or lines.ticket_id = :'id')
order by lines.occurred_at, lines.emitter_id nulls last, lines.seq nulls last, lines.event_id, lines.copy_number;
