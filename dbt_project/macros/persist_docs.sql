{# Descriptions become comments in the database: once, not every night anew on tables that stay. #}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) -%}
    {% if not is_incremental() or last_mark().is_outdated -%}
        {{ default__persist_docs(relation, model, for_relation, for_columns) }}
    {%- endif %}
{%- endmacro %}
