{#
    The counts behind the resolution rates, one definition for every period: use inside a `group by` over fct_sessions.
    Test sessions stand in the eleven outcomes (as invalid) and nowhere else.
#}
{% macro session_counts() -%}
    count(*) as started_sessions_count,
    count(*) filter (where is_open) as running_sessions_count,
    count(*) filter (where not is_test) as sessions_count,
    count(*) filter (where not is_test and is_escalated) as escalated_sessions_count,
    count(*) filter (where not is_test and not is_escalated) as ai_resolved_sessions_count,
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
    count(*) filter (where {{ is_valid() }}) as valid_count,
    count(*) filter (where {{ is_valid() }} and is_escalated) as valid_escalated_count,
    count(*) filter (where {{ is_valid() }} and substantive_answers_count > 0) as involved_count,
    count(*) filter (where {{ is_valid() }} and not is_escalated and not has_human_touch) as contained_count,
    count(*) filter (
        where {{ is_valid() }} and outcome not in ('blocked', 'unanswered') and substantive_answers_count > 0
    ) as engaged_count,
    count(*) filter (where not is_test and has_successful_tool and not is_escalated) as tool_resolved_count,
    cast(coalesce(sum(timed_ai_turns_count) filter (where not is_test), 0) as bigint) as timed_ai_turns_count,
    cast(sum(ai_response_time_ms_total) filter (where not is_test) as bigint) as ai_response_time_ms_total,
    cast(
        coalesce(sum(human_cost_per_contact_amount) filter (where not is_test and not is_escalated), 0) as numeric(18, 6)
    ) as cost_saving_amount,
    cast(
        coalesce(
            sum(human_cost_per_contact_amount) filter (where outcome in ('confirmed_resolved', 'assumed_resolved')), 0
        ) as numeric(18, 6)
    ) as standard_cost_saving_amount,
    count(*) filter (where not is_test and human_cost_per_contact_amount is null) as uncosted_sessions_count
{%- endmacro %}

{# The rates over those counts. #}
{% macro session_rates() -%}
    {{ ratio('ai_resolved_sessions_count', 'sessions_count') }} as ai_resolution_rate,
    {{ ratio('escalated_sessions_count', 'sessions_count') }} as escalation_rate,
    {{ ratio('confirmed_resolved_count', 'engaged_count') }} as resolution_rate_strict,
    {{ ratio('confirmed_resolved_count + assumed_resolved_count', 'engaged_count') }} as resolution_rate_standard,
    {{ ratio('contained_count', 'valid_count') }} as containment_rate,
    {{ ratio('tool_resolved_count', 'sessions_count') }} as tool_resolution_rate,
    {{ ratio('abandoned_count', 'engaged_count') }} as abandonment_rate,
    {{ ratio('involved_count * (confirmed_resolved_count + assumed_resolved_count)', 'valid_count * engaged_count') }}
        as automation_rate,
    {{ ratio('ai_response_time_ms_total', 'timed_ai_turns_count') }} as avg_ai_response_time_ms
{%- endmacro %}

{# True for valid sessions: every outcome but invalid and open. #}
{% macro is_valid() -%}
    outcome not in ('invalid', 'open')
{%- endmacro %}
