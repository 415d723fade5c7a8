-- grain: one row per tenant and local date on which sessions started
with

sessions as (
    select * from {{ ref('fct_sessions') }}
),

finality as (
    select * from {{ ref('int_tenant_days_finished') }}
),

counted as (
    select
        tenant_id,
        session_date,
        count(*) as started_sessions_count,
        count(*) filter (where not is_test) as sessions_count,
        count(*) filter (where not is_test and is_escalated) as escalated_sessions_count,
        count(*) filter (where outcome = 'invalid') as invalid_count,
        count(*) filter (where outcome = 'open') as open_count,
        count(*) filter (where outcome = 'escalated_to_human') as escalated_to_human_count,
        count(*) filter (where outcome = 'escalation_failed') as escalation_failed_count,
        count(*) filter (where outcome = 'human_takeover') as human_takeover_count,
        count(*) filter (where outcome = 'blocked') as blocked_count,
        count(*) filter (where outcome = 'unanswered') as unanswered_count,
        count(*) filter (where outcome = 'rejected') as rejected_count,
        count(*) filter (where outcome = 'confirmed_resolved') as confirmed_resolved_count,
        count(*) filter (where outcome = 'abandoned') as abandoned_count,
        count(*) filter (where outcome = 'assumed_resolved') as assumed_resolved_count,
        count(*) filter (where outcome not in ('invalid', 'open')) as valid_count,
        count(*) filter (where {{ is_engaged() }}) as engaged_count,
        count(*) filter (where outcome not in ('invalid', 'open') and substantive_answers_count > 0) as involved_count,
        count(*) filter (where outcome not in ('invalid', 'open') and not is_escalated and not has_human_touch)
            as contained_count,
        count(*) filter (where not is_test and has_successful_tool and not is_escalated) as tool_resolved_count,
        cast(sum(timed_ai_turns_count) as bigint) as timed_ai_turns_count,
        cast(sum(ai_response_time_ms_total) as bigint) as ai_response_time_ms_total
    from sessions
    group by tenant_id, session_date
),

final as (
    select
        counted.*,
        {{ ratio('sessions_count - escalated_sessions_count', 'sessions_count') }} as ai_resolution_rate,
        {{ ratio('escalated_sessions_count', 'sessions_count') }} as escalation_rate,
        {{ ratio('confirmed_resolved_count', 'engaged_count') }} as resolution_rate_strict,
        {{ ratio('confirmed_resolved_count + assumed_resolved_count', 'engaged_count') }} as resolution_rate_standard,
        {{ ratio('contained_count', 'valid_count') }} as containment_rate,
        {{ ratio('tool_resolved_count', 'sessions_count') }} as tool_resolution_rate,
        {{ ratio('abandoned_count', 'engaged_count') }} as abandonment_rate,
        {{ ratio(
            'involved_count * (confirmed_resolved_count + assumed_resolved_count)', 'valid_count * engaged_count'
        ) }} as automation_rate,
        {{ ratio('ai_response_time_ms_total', 'timed_ai_turns_count') }} as avg_ai_response_time_ms,
        counted.open_count = 0 and coalesce(finality.is_day_loaded, false) as is_final
    from counted
    left join finality
        on counted.tenant_id = finality.tenant_id and counted.session_date = finality.local_date
)

select * from final
