{#
    What a product claims, against what the events say: `agrees`, `differs`, or null where it claims nothing. The claims about
    sessions are to be used over the columns of fct_sessions.
#}

{# The claimed duration: differs by more than `claim_tolerance_seconds`. #}
{% macro duration_claim() -%}
    case
        when reported_duration_seconds is null or duration_seconds is null then null
        when abs(reported_duration_seconds - cast(duration_seconds as double precision)) > {{ var('claim_tolerance_seconds') }}
            then 'differs'
        else 'agrees'
    end
{%- endmacro %}

{# The claimed number of messages: differs by more than `claim_tolerance_messages`. #}
{% macro messages_claim() -%}
    case
        when reported_message_count is null then null
        when abs(reported_message_count - ({{ messages_of_session() }})) > {{ var('claim_tolerance_messages') }} then 'differs'
        else 'agrees'
    end
{%- endmacro %}

{# Who resolved it: differs where another one did by the outcome ledger. #}
{% macro resolver_claim() -%}
    case
        when reported_resolved_by is null then null
        when reported_resolved_by != {{ resolver_of_session() }} then 'differs'
        else 'agrees'
    end
{%- endmacro %}

{# Messages of customer, AI and human agents. #}
{% macro messages_of_session() -%}
    user_turns_count + ai_turns_count + agent_messages_count
{%- endmacro %}

{# Who resolved a session: `human` where an agent took over or wrote, `ai` by the outcome, else `none`. #}
{% macro resolver_of_session() -%}
    case
        when has_human_touch then 'human'
        when outcome in ('confirmed_resolved', 'assumed_resolved') then 'ai'
        else 'none'
    end
{%- endmacro %}

{#
    What the workbench claims about a hold or a shift, or the ticket system about a ticket: differs by more than a variable. Null also where there is nothing to compare with.

    reported, computed: numbers; tolerance: name of a variable.
#}
{% macro workbench_claim(reported, computed, tolerance) -%}
    case
        when {{ reported }} is null or {{ computed }} is null then null
        when abs({{ reported }} - cast({{ computed }} as double precision)) > {{ var(tolerance) }} then 'differs'
        else 'agrees'
    end
{%- endmacro %}
