-- grain: one row per tenant and local date on which sessions started; test sessions excluded
with

session_days as (
    select * from {{ ref('ai_resolution_daily') }}
),

sessions as (
    select * from {{ ref('fct_sessions') }}
),

audits as (
    select * from {{ ref('fct_quality_audits') }}
),

counted as (
    select
        sessions.tenant_id,
        sessions.session_date,
        -- distinct: a session may be audited more than once.
        count(distinct sessions.session_id) as audited_sessions_count,
        count(*) as audits_count,
        count(audits.automatic_score) as scored_audits_count,
        sum(audits.automatic_score) as automatic_score_total,
        count(*) filter (where audits.is_reviewed) as reviewed_audits_count,
        count(*) filter (where audits.score_delta != 0) as corrected_audits_count,
        count(audits.score_delta) as compared_audits_count,
        sum(audits.score_delta) as score_delta_total,
        count(*) filter (where audits.issues_count > 0) as audits_with_issues_count,
        cast(coalesce(sum(audits.issues_count), 0) as bigint) as issues_count
    from audits
    inner join sessions
        on audits.tenant_id = sessions.tenant_id and audits.session_id = sessions.session_id
    where not sessions.is_test
    group by sessions.tenant_id, sessions.session_date
),

final as (
    select
        tenant_id,
        session_date,
        session_days.sessions_count,
        coalesce(counted.audited_sessions_count, 0) as audited_sessions_count,
        session_days.sessions_count - coalesce(counted.audited_sessions_count, 0) as unaudited_sessions_count,
        coalesce(counted.audits_count, 0) as audits_count,
        coalesce(counted.scored_audits_count, 0) as scored_audits_count,
        cast(counted.automatic_score_total as numeric(18, 6)) as automatic_score_total,
        coalesce(counted.reviewed_audits_count, 0) as reviewed_audits_count,
        coalesce(counted.corrected_audits_count, 0) as corrected_audits_count,
        coalesce(counted.compared_audits_count, 0) as compared_audits_count,
        cast(counted.score_delta_total as numeric(18, 6)) as score_delta_total,
        coalesce(counted.audits_with_issues_count, 0) as audits_with_issues_count,
        coalesce(counted.issues_count, 0) as issues_count,
        {{ ratio('coalesce(counted.audited_sessions_count, 0)', 'session_days.sessions_count') }}
            as audit_coverage_rate,
        {{ ratio('counted.automatic_score_total', 'counted.scored_audits_count') }} as avg_automatic_score,
        {{ ratio('counted.score_delta_total', 'counted.compared_audits_count') }} as avg_score_delta,
        {{ ratio('counted.reviewed_audits_count', 'counted.audits_count') }} as review_rate,
        session_days.is_final
    from session_days
    left join counted using (tenant_id, session_date)
)

select * from final
