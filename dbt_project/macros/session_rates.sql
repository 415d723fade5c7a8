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

{# The same counts for a longer period, from those of its days. #}
{% macro summed_session_counts() -%}
    cast(sum(started_sessions_count) as bigint) as started_sessions_count,
    cast(sum(running_sessions_count) as bigint) as running_sessions_count,
    cast(sum(sessions_count) as bigint) as sessions_count,
    cast(sum(escalated_sessions_count) as bigint) as escalated_sessions_count,
    cast(sum(ai_resolved_sessions_count) as bigint) as ai_resolved_sessions_count,
    cast(sum(invalid_count) as bigint) as invalid_count,
    cast(sum(open_count) as bigint) as open_count,
    cast(sum(escalated_to_human_count) as bigint) as escalated_to_human_count,
    cast(sum(escalation_failed_count) as bigint) as escalation_failed_count,
    cast(sum(human_takeover_count) as bigint) as human_takeover_count,
    cast(sum(blocked_count) as bigint) as blocked_count,
    cast(sum(unanswered_count) as bigint) as unanswered_count,
    cast(sum(rejected_count) as bigint) as rejected_count,
    cast(sum(confirmed_resolved_count) as bigint) as confirmed_resolved_count,
    cast(sum(abandoned_count) as bigint) as abandoned_count,
    cast(sum(assumed_resolved_count) as bigint) as assumed_resolved_count,
    cast(sum(valid_count) as bigint) as valid_count,
    cast(sum(valid_escalated_count) as bigint) as valid_escalated_count,
    cast(sum(involved_count) as bigint) as involved_count,
    cast(sum(contained_count) as bigint) as contained_count,
    cast(sum(engaged_count) as bigint) as engaged_count,
    cast(sum(tool_resolved_count) as bigint) as tool_resolved_count,
    cast(sum(timed_ai_turns_count) as bigint) as timed_ai_turns_count,
    cast(sum(ai_response_time_ms_total) as bigint) as ai_response_time_ms_total,
    cast(sum(cost_saving_amount) as numeric(18, 6)) as cost_saving_amount,
    cast(sum(standard_cost_saving_amount) as numeric(18, 6)) as standard_cost_saving_amount,
    cast(sum(uncosted_sessions_count) as bigint) as uncosted_sessions_count
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
