{#
    Value of the first event of a group in the one deterministic order of events: timestamp, emitter, seq,
    then event id. Use inside a `group by` over rows that carry those four columns.

    column: an expression; where: only events that fulfil this condition; null where there is none.
#}
{% macro first_of(column, where='true') -%}
    (array_agg({{ column }} order by occurred_at, emitter_id nulls last, seq nulls last, event_id) filter (where {{ where }}))[1]
{%- endmacro %}

{# The same of the last event. #}
{% macro last_of(column, where='true') -%}
    (array_agg({{ column }} order by occurred_at desc, emitter_id desc nulls first, seq desc nulls first, event_id desc) filter (where {{ where }}))[1]
{%- endmacro %}

{# The same order inside a window. #}
{% macro in_event_order() -%}
    order by occurred_at, emitter_id nulls last, seq nulls last, event_id
{%- endmacro %}
