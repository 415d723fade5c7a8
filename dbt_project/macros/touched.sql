{#
    The keys that a ledger must stamp anew: those of event lines that were built since the
    ledger's last build; those of events that were dated in the future then; all of them where the rules have changed or
    "now" is earlier than it was.

    lines: relation of event lines, named itself in each part: of a CTE that is read thrice all lines would be written
    down; keys: columns of it; condition: which of its lines name a key.
#}
{% macro touched_keys(lines, keys, condition='true') -%}
    {% if is_incremental() -%}
    {%- set mark = last_mark() -%}
    select {{ keys }} from {{ lines }} where {{ condition }} and build_id > {{ mark.build_id }}
    union
    select {{ keys }} from {{ lines }} where {{ condition }} and occurred_at > {{ mark.as_of }}
    {%- if mark.is_outdated %}
    union
    select {{ keys }} from {{ lines }} where {{ condition }}
    {%- endif %}
    {%- else -%}
    -- distinct: a key has many lines.
    select distinct {{ keys }} from {{ lines }} where {{ condition }}
    {%- endif %}
{%- endmacro %}
