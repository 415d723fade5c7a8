-- grain: one row per tenant and session of which a line came in the last two days of loads
with

seen as (
    select * from {{ ref('int_live_sessions_summed') }}
),

-- What came before these days is in the facts, if it was built.
facts as (
    select * from {{ ref('fct_sessions') }}
    where {{ is_listed('session_id', 'select session_id from seen') }}
),

waits as (
    select * from {{ ref('fct_queue_waits') }}
    where
        left_at is null
        -- distinct: a tenant has many sessions.
        and {{ is_listed('tenant_id', 'select distinct tenant_id from seen') }}
        and {{ is_listed('session_id', 'select session_id from seen') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

-- Of tenants who have come since the last build.
defaults as (
    select timezone from tenants
    where tenant_id = 'default'
),

final as (
    select
        tenant_id,
        session_id,
        coalesce(seen.channel, facts.channel, '(not logged)') as channel,
        seen.holding_agent_id,
        case
            when seen.is_escalation_accepted then least(seen.escalated_at, waits.escalated_at)
            when seen.last_taken_over_at is null then waits.escalated_at
        end as waiting_since_at,
        coalesce(seen.is_test, facts.is_test, false) as is_test,
        seen.is_escalated or coalesce(facts.is_escalated, false) as is_escalated,
        not (seen.has_end_event or coalesce(facts.has_end_event, false))
        and {{ minutes_after('seen.last_event_at', var('session_timeout_minutes')) }} > seen.measured_at as is_active,
        {{ local_date('least(seen.started_at, facts.started_at)', 'coalesce(tenants.timezone, defaults.timezone)') }}
        = {{ local_date('seen.measured_at', 'coalesce(tenants.timezone, defaults.timezone)') }} as is_of_today,
        seen.recent_answers_count,
        seen.recent_response_time_ms_total
    from seen
    left join facts using (tenant_id, session_id)
    left join waits using (tenant_id, session_id)
    left join tenants using (tenant_id)
    cross join defaults
    where coalesce(seen.started_at, facts.started_at) is not null
)

select * from final
