{#
    What humans cost in a session, in its currency: nothing where none came; the handling time where the seed has a cost per hour and
    a hold has ended; else one contact; null where the seed has no cost at all. Use over `sessions` (int_session_conversations_joined).

    is_handled: a boolean; handle_seconds: a number or null.
#}
{% macro human_cost(is_handled, handle_seconds) -%}
    case
        when not {{ is_handled }} then 0
        when {{ handle_seconds }} is null or sessions.human_cost_per_hour_amount is null then sessions.human_cost_per_contact_amount
        else {{ ratio(handle_seconds ~ ' * sessions.human_cost_per_hour_amount', '3600') }}
    end
{%- endmacro %}
