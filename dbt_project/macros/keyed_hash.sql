{#
    Keyed SHA-256 of a personal identifier, 64 hexadecimal characters; null stays null. The key is made once by
    `loader init` and readable by the transformer alone, so that nobody who reads marts can try out phone numbers.

    expression: a text expression. For staging models only (it reads the source).
#}
{% macro keyed_hash(expression) -%}
    {%- set keyed = "(select hash_keys.hash_key from " ~ source('raw', 'hash_key') ~ " as hash_keys) || " ~ expression -%}
    {{ adapter.dispatch('sha256_of_text')(keyed) }}
{%- endmacro %}

{% macro postgres__sha256_of_text(expression) -%}
    encode(sha256(convert_to({{ expression }}, 'UTF8')), 'hex')
{%- endmacro %}

{% macro duckdb__sha256_of_text(expression) -%}
    sha256({{ expression }})
{%- endmacro %}
