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

{# 1 for the first of the admitted lines of an event in load order, 2 and more for its copies. #}
{% macro rank_of_copy() -%}
    row_number() over (partition by is_refused, event_id order by load_id, source_file_id, line_number)
{%- endmacro %}

{#
    post-hook: indexes over the rows that have a key, for each of some columns (the key before the tenant, of which there
    are few), and over those of events that the contract does not have.
#}
{% macro index_where_present(columns) -%}
    {{ return(adapter.dispatch('index_where_present')(columns)) }}
{%- endmacro %}

{# Without names, and on a new table alone: those of the table that it replaces are still taken then. #}
{% macro postgres__index_where_present(columns) -%}
    {% if not is_incremental() -%}
    {% for column in columns %}
    create index on {{ this }} ({{ column }}, tenant_id) where {{ column }} is not null;
    {% endfor %}
    create index on {{ this }} (event_as_written) where not is_known_event
    {%- endif %}
{%- endmacro %}

{# DuckDB has no partial indexes, and is too small to need them. #}
{% macro duckdb__index_where_present(columns) -%}
{%- endmacro %}
