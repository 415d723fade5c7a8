{#
    What of a line the contract does not know. payload: a jsonb column; fields: an array of text, the contract's fields of the event.
#}

{# What stands for a field where the contract does not have the event itself. #}
{% macro whole_event() -%}
    (the event)
{%- endmacro %}

{# Whether a payload has a field that is not among these. #}
{% macro json_has_other_fields(payload, fields) -%}
    {{ return(adapter.dispatch('json_has_other_fields')(payload, fields)) }}
{%- endmacro %}

{% macro postgres__json_has_other_fields(payload, fields) -%}
    {{ payload }} - {{ fields }} != cast('{}' as jsonb)
{%- endmacro %}

{% macro duckdb__json_has_other_fields(payload, fields) -%}
    len({{ duckdb__json_other_fields(payload, fields) }}) > 0
{%- endmacro %}

{# The names of these fields: an array of text. #}
{% macro json_other_fields(payload, fields) -%}
    {{ return(adapter.dispatch('json_other_fields')(payload, fields)) }}
{%- endmacro %}

{% macro postgres__json_other_fields(payload, fields) -%}
    array(select jsonb_object_keys({{ payload }} - {{ fields }}))
{%- endmacro %}

{% macro duckdb__json_other_fields(payload, fields) -%}
    list_filter(list_distinct(json_keys({{ payload }})), lambda name: not list_contains({{ fields }}, name))
{%- endmacro %}

{# An array of one text. #}
{% macro text_list(expression) -%}
    {{ return(adapter.dispatch('text_list')(expression)) }}
{%- endmacro %}

{% macro postgres__text_list(expression) -%}
    array[cast({{ expression }} as text)]
{%- endmacro %}

{% macro duckdb__text_list(expression) -%}
    [{{ expression }}]
{%- endmacro %}
