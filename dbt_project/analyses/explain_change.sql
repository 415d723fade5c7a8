-- Why the numbers of a day are others than they were: what each build changed in it, the first change first. For psql:
--   loader db psql --role transformer -v tenant=default -v day=2026-10-01 -f dbt_project/analyses/explain_change.sql
-- mart: ai_resolution_daily unless named (billing_usage_daily).
\set ON_ERROR_STOP on
\if :{?mart}
\else
\set mart ai_resolution_daily
\endif

select
    changed_at,
    figure,
    old_value,
    new_value,
    new_events_count,
    reason
from marts.mart_changes
where mart_name = :'mart' and tenant_id = :'tenant' and calendar_date = :'day'
order by changed_at, figure;
