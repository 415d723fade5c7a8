{# Switches off the server's just-in-time compilation of plans for the session, where the server has one. #}
{% macro without_jit() -%}
    {{ return(adapter.dispatch('without_jit')()) }}
{%- endmacro %}

{% macro postgres__without_jit() -%}
    set jit = off
{%- endmacro %}

{% macro duckdb__without_jit() -%}
{%- endmacro %}
