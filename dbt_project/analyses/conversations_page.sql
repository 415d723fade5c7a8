-- A page of conversations, newest first. The first page; the next one begins behind the last row of this one, whatever came since. For psql:
--   loader db psql --role reader -v tenant=default -v size=50 -f dbt_project/analyses/conversations_page.sql
--   loader db psql --role reader -v tenant=default -v size=50 -v after_started_at='2026-10-05 01:00:00+00' -v after_session_id=s-0001 -f …
-- By key and not by offset: every page costs the same, for the index on (tenant_id, started_at, session_id) leads to its first row. The
-- page is a list of ids, since no order is carried into a view with CTEs, and a list is.
\set ON_ERROR_STOP on
\if :{?after_started_at}
\else
\set after_started_at infinity
\set after_session_id ''
\endif

select
    started_at,
    session_id,
    channel,
    outcome,
    turns_count,
    ai_agents,
    human_agents,
    last_rating_score,
    cost_amount,
    currency
from marts.conversations
where
    tenant_id = :'tenant'
    and session_id = any(array(
        select session_id
        from marts.fct_sessions
        where
            tenant_id = :'tenant'
            and (started_at, session_id) < (cast(:'after_started_at' as timestamptz), :'after_session_id')
        order by started_at desc, session_id desc
        limit :size
    ))
order by started_at desc, session_id desc;
