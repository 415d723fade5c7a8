{# The columns of a loaded line. relation: alias of raw.events or of its built form, where the name as written is kept. #}
{% macro line_columns(relation, event='event') -%}
    {{ relation }}.event_id,
    {{ relation }}.{{ event }} as event_as_written,
    {{ relation }}.occurred_at,
    {{ relation }}.product,
    {{ relation }}.tenant_id,
    {{ relation }}.schema_version,
    {{ relation }}.emitter_id,
    {{ relation }}.seq,
    {{ relation }}.payload,
    {{ relation }}.load_id,
    {{ relation }}.source_file_id,
    {{ relation }}.line_number
{%- endmacro %}

{# Whether a payload has all `required_fields` of its event, a column; true where the event is unknown. payload: a column. #}
{% macro has_required_fields(payload) -%}
    coalesce({{ json_has_fields(payload, 'required_fields') }}, true)
{%- endmacro %}

{# Of a CTE that is read twice: of a whole history it is cheaper to compute rows twice than to write them down in between. #}
{% macro computed_twice() -%}
    {{ return(adapter.dispatch('computed_twice')()) }}
{%- endmacro %}

{% macro postgres__computed_twice() -%}
    not materialized
{%- endmacro %}

{# DuckDB decides by itself, and does not bind all that it is told to copy. #}
{% macro duckdb__computed_twice() -%}
{%- endmacro %}

{# The end of a CTE: its expressions are computed for each row, not for each of the aggregates that read them. #}
{% macro computed_once() -%}
    offset 0
{%- endmacro %}

{# Lines that came since the last build. built: the relation of lines that are built. #}
{% macro lines_of_unbuilt_loads(built) -%}
    with unbuilt as (
        -- By load and not by the highest id: a load with a lower id may have been committed after the last build.
        select loads.load_id, loads.loaded_on
        from {{ source('raw', 'loads') }} as loads where not {{ is_load_built('loads', built) }}
    )

    select {{ line_columns('events') }}
    from {{ source('raw', 'events') }} as events
    -- Older partitions are not looked into.
    where events.loaded_on >= (select min(loaded_on) from unbuilt) and events.load_id in (select load_id from unbuilt)
{%- endmacro %}

{#
    Events of which the lines that are built take part again: one that has come once more, since the first in load order wins,
    and one that is read otherwise since (it was unknown then, or other fields of it were required).
    built: the relation of lines that are built; arrived: the CTE of those that are not; names: that of the events' names.
#}
{% macro reopened_events(built, arrived, names) -%}
    select event_id from {{ arrived }}
    union
    select built.event_id
    from {{ built }} as built
    inner join {{ names }} using (event_as_written)
    where
        not built.is_known_event
        {% if last_mark().is_outdated %} or built.is_complete != {{ has_required_fields('built.payload') }} {% endif %}
{%- endmacro %}

{#
    post-hook: indexes that dbt has no words for. The places of lines, which are unique, as are events with their copies (see
    dbt_project.yml): a test would read all lines before anything can be built from them. Rows that bear the key of a case, for
    each of some columns (the key before the tenant, of which there are few); those of agents, and their logins, by day, since
    the work of an agent never ends; those of audits, which a review names by nothing else; the few of events that the contract
    does not have, or that are refused.
#}
{% macro line_indexes(columns) -%}
    {{ return(adapter.dispatch('line_indexes')(columns)) }}
{%- endmacro %}

{# Without names, and on a new table alone: those of the table that it replaces are still taken then. #}
{% macro postgres__line_indexes(columns) -%}
    {% if not is_incremental() -%}
    create unique index on {{ this }} (load_id, source_file_id, line_number);
    {% for column in columns %}
    create index on {{ this }} ({{ column }}, tenant_id) where {{ column }} is not null;
    {% endfor %}
    create index on {{ this }} (agent_id, ({{ utc_date('occurred_at') }})) where agent_id is not null;
    create index on {{ this }} (agent_id, ({{ utc_date('occurred_at') }})) where event = 'agent.login';
    create index on {{ this }} (({{ json_key('payload', 'audit_id') }})) where {{ is_of_audit() }};
    create index on {{ this }} (event_as_written) where not is_known_event;
    create index on {{ this }} (source_file_id) where copy_number <= 0
    {%- endif %}
{%- endmacro %}

{# DuckDB has no partial indexes, and is too small to need them. #}
{% macro duckdb__line_indexes(columns) -%}
{%- endmacro %}
