{#
    dbt's own materializations make new tables first, look up four times which columns they have, and grant and describe
    anew. Where models, macros and parameters are those of the build before, nothing of it can have changed, and a night of
    few events consists of little else. So the rows go straight in.
#}

{# Incremental, where the rules are those of the model's last build. #}
{% materialization incremental, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_table or should_full_refresh() or last_mark().is_outdated -%}
        {{ return(dbt.materialization_incremental_default()) }}
    {%- endif -%}
    {{ return(rows_written()) }}
{%- endmaterialization %}

{# Tables, where the rules are those of the whole build before. #}
{% materialization table, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_table or should_full_refresh() or not graph.has_rules_of_last_build -%}
        {{ return(dbt.materialization_table_default()) }}
    {%- endif -%}
    {{ return(rows_written(is_whole=true)) }}
{%- endmaterialization %}

{#
    Views, where the rules are those of the whole build before: they are what they would become. dbt would drop them, and all
    views above them, before it makes them anew.
#}
{% materialization view, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_view or should_full_refresh() or not graph.has_rules_of_last_build -%}
        {{ return(dbt.materialization_view_default()) }}
    {%- endif -%}
    {#- They keep other builds out. -#}
    {{ run_hooks(pre_hooks) }}
    {%- do adapter.commit() -%}
    {% call noop_statement('main', message='UNCHANGED', code='UNCHANGED') -%}{%- endcall %}
    {{ return({'relations': [this]}) }}
{%- endmaterialization %}

{# Columns of the key whose rows a delete+insert replaces; empty for other strategies. #}
{% macro key_of_replaced_rows() -%}
    {%- set columns = config.get('unique_key') if config.get('incremental_strategy') == 'delete+insert' else [] -%}
    {{ return(columns if columns is string else columns | join(', ')) }}
{%- endmacro %}

{#
    The rows of the model's SQL into its table, in one transaction with its hooks, and in one statement with those before it.
    is_whole: in place of the rows there; else of those with the same unique key, where the strategy is delete+insert.
#}
{% macro rows_written(is_whole=false) -%}
    {%- set columns = adapter.get_column_schema_from_query(get_empty_subquery_sql(sql)) | map(attribute='quoted') | join(', ') -%}
    {%- set key = key_of_replaced_rows() -%}
    {% call statement('main') -%}
        {% for hook in pre_hooks %}{{ render(hook.sql) }};
        {% endfor %}
        {{ moved_mark() if not is_whole }}
        {{ 'create temporary table written on commit drop as ' ~ sql ~ ';' if key }}
        {% if key or is_whole -%}
        delete from {{ this }} {{ 'where (' ~ key ~ ') in (select ' ~ key ~ ' from written)' if key }};
        {% endif -%}
        insert into {{ this }} ({{ columns }})
        select {{ columns }} from {{ 'written' if key else '(' ~ sql ~ ') as written' }}
    {%- endcall %}
    {%- do model.update({'has_moved_mark': true}) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [this]}) }}
{%- endmacro %}
