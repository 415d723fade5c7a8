{# "Now" of every model: the variable `as_of` (RFC 3339 with offset), else the start of the run. #}
{% macro as_of() -%}
    cast('{{ var("as_of") or run_started_at.isoformat() }}' as timestamptz)
{%- endmacro %}

{# Whether "now" is later than in this model's last build. #}
{% macro has_time_gone_on() -%}
    {{ last_mark().as_of }} < {{ as_of() }}
{%- endmacro %}
