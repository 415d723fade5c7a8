{#
    The keys that a ledger must stamp anew: those of event lines that were built since the
    ledger's last build; those of events that were dated in the future then; all of them where the rules have changed or
    "now" is earlier than it was. Use in a ledger's CTE `touched`.

    lines: a CTE of event lines; keys: columns of it.
#}
{% macro touched_keys(lines, keys) -%}
    {% if is_incremental() -%}
    select {{ keys }} from {{ lines }} where build_id > {{ last_build() }}
    union
    select {{ keys }} from {{ lines }} where occurred_at > {{ last_as_of() }}
    union
    select {{ keys }} from {{ lines }} where {{ is_outdated() }}
    {%- else -%}
    -- distinct: a key has many lines.
    select distinct {{ keys }} from {{ lines }}
    {%- endif %}
{%- endmacro %}
