{# Figures of a mart's row as one JSON object, for history alone: what dashboards read has columns. #}

{# All columns of a row but some: jsonb. rows: a CTE; left_out: names of columns. #}
{% macro json_figures(rows, left_out) -%}
    {{ return(adapter.dispatch('json_figures')(rows, left_out)) }}
{%- endmacro %}

{% macro postgres__json_figures(rows, left_out) -%}
    to_jsonb({{ rows }}) - array['{{ left_out | join("', '") }}']
{%- endmacro %}

{% macro duckdb__json_figures(rows, left_out) -%}
    json_merge_patch(to_json({{ rows }}), '{"{{ left_out | join('": null, "') }}": null}')
{%- endmacro %}

{# The names of an object's fields, a row each. #}
{% macro json_keys_listed(object) -%}
    {{ return(adapter.dispatch('json_keys_listed')(object)) }}
{%- endmacro %}

{% macro postgres__json_keys_listed(object) -%}
    jsonb_object_keys({{ object }})
{%- endmacro %}

{% macro duckdb__json_keys_listed(object) -%}
    unnest(json_keys({{ object }}))
{%- endmacro %}

{# The number in a field: numeric; null where it is none. key: a column with the field's name. #}
{% macro json_number_at(object, key) -%}
    {{ return(adapter.dispatch('json_number_at')(object, key)) }}
{%- endmacro %}

{% macro postgres__json_number_at(object, key) -%}
    case when jsonb_typeof({{ object }} -> {{ key }}) = 'number' then cast({{ object }} ->> {{ key }} as numeric) end
{%- endmacro %}

{% macro duckdb__json_number_at(object, key) -%}
    try_cast(json_extract_string({{ object }}, '$.' || {{ key }}) as numeric(38, 6))
{%- endmacro %}

{# Whether an object has a field. #}
{% macro json_has_key(object, key) -%}
    {{ return(adapter.dispatch('json_has_key')(object, key)) }}
{%- endmacro %}

{% macro postgres__json_has_key(object, key) -%}
    {{ object }} -> {{ key }} is not null
{%- endmacro %}

{% macro duckdb__json_has_key(object, key) -%}
    json_exists({{ object }}, '$.' || {{ key }})
{%- endmacro %}
