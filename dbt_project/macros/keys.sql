{# Whether no unique index sees to it that a key stands once: false for a table that has one of just these columns. parts: of the key, a list. #}
{% macro is_key_unheld(relation, parts) -%}
    {{ return(adapter.dispatch('is_key_unheld')(relation, parts)) }}
{%- endmacro %}

{# An expression is no column's name, so that no index is found. Asked in the query: the tables are not there when it is written. #}
{% macro postgres__is_key_unheld(relation, parts) -%}
    not exists (
        select indexes.indexrelid
        from pg_index as indexes
        inner join pg_attribute as columns on columns.attrelid = indexes.indexrelid
        where indexes.indrelid = cast('{{ relation }}' as regclass)
            and indexes.indisunique and indexes.indisvalid and indexes.indpred is null
        group by indexes.indexrelid
        having array_agg(cast(columns.attname as text) order by cast(columns.attname as text) collate "C")
            = array['{{ parts | map('replace', "'", "''") | sort | join("', '") }}']
    )
{%- endmacro %}

{# DuckDB holds no keys of its tables: all are counted. #}
{% macro duckdb__is_key_unheld(relation, parts) -%}
    true
{%- endmacro %}
