{# Switches off the server's just-in-time compilation of plans for the session, where the server has one. #}
{% macro without_jit() -%}
    set jit = off
{%- endmacro %}
