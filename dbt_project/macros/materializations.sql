{#
    dbt's own materializations make new tables first, look up four times which columns they have, and grant and describe
    anew. Where models, macros and parameters are those of the build before, nothing of it can have changed, and a night of
    few events consists of little else. So the rows go straight in.
#}

{# Looked up once for a model: dbt's own searches all relations of the schema each time that a macro asks. #}
{% macro is_incremental() -%}
    {%- if execute and 'is_incremental' not in model -%}
    {%- do model.update({'is_incremental': dbt.is_incremental()}) -%}
    {%- endif -%}
    {{ return(execute and model['is_incremental']) }}
{%- endmacro %}

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

{# Views, where the rules are those of the whole build before: they are what they would become. #}
{% materialization view, adapter='postgres' -%}
    {%- set existing, view = load_cached_relation(this), this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is none or not existing.is_view or should_full_refresh() or not graph.has_rules_of_last_build -%}
    {{ view_made(view, existing) }}
    {%- else -%}
    {#- The hooks have been run: they keep other builds out. -#}
    {% call noop_statement('main', message='UNCHANGED', code='UNCHANGED') -%}{%- endcall %}
    {%- endif -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [view]}) }}
{%- endmaterialization %}

{#
    A view in place of what is there, if anything, which goes with all views above it: they are made anew after it. In one
    transaction, hooks included; dbt makes it under another name, and gives both their names later.
#}
{% macro view_made(view, existing) -%}
    {%- do adapter.drop_relation(existing) if existing is not none -%}
    {% call statement('main') -%}
        {{ get_create_view_as_sql(view, sql) }}
    {%- endcall %}
    {%- do apply_grants(view, config.get('grants'), should_revoke=false) -%}
    {%- do persist_docs(view, model) -%}
    {{ run_hooks(post_hooks) }}
{%- endmacro %}

{# Which columns the tables have, and about how many rows, read once when a build begins and kept where all models find it. #}
{% macro read_tables() -%}
    {%- set tables = {} -%}
    {%- for row in run_query(adapter.dispatch('known_tables')()).rows -%}
        {%- do tables.update({row[0]: {'columns': row[1].split(','), 'rows_count': row[2]}}) -%}
    {%- endfor -%}
    {%- do graph.update({'known_tables': tables}) -%}
{%- endmacro %}

{% macro postgres__known_tables() -%}
    select
        namespaces.nspname || '.' || tables.relname as name,
        string_agg(columns.attname, ',' order by columns.attname collate "C") as column_names,
        max(tables.reltuples) as rows_count
    from pg_attribute as columns
    inner join pg_class as tables on columns.attrelid = tables.oid
    inner join pg_namespace as namespaces on tables.relnamespace = namespaces.oid
    where tables.relkind = 'r' and columns.attnum > 0 and not columns.attisdropped
    group by namespaces.nspname, tables.relname
{%- endmacro %}

{# The canary writes whole tables. #}
{% macro duckdb__known_tables() -%}
    select '' as name, '' as column_names, 0 as rows_count where false
{%- endmacro %}

{# What is known of the model's own table; nothing before its first build. #}
{% macro known_table() -%}
    {{ return(graph.get('known_tables', {}).get(this.schema ~ '.' ~ this.identifier, {})) }}
{%- endmacro %}

{# Columns of the key whose rows a delete+insert replaces; empty for other strategies. #}
{% macro key_of_replaced_rows() -%}
    {%- set columns = config.get('unique_key') if config.get('incremental_strategy') == 'delete+insert' else [] -%}
    {{ return(columns if columns is string else columns | join(', ')) }}
{%- endmacro %}

{# The SQL of hooks: a list of texts. #}
{% macro rendered(hooks) -%}
    {%- set texts = [] -%}
    {%- for hook in hooks -%}
    {%- do texts.append(render(hook.sql)) -%}
    {%- endfor -%}
    {{ return(texts) }}
{%- endmacro %}

{# Of a model that has nothing to do: its mark is moved when the build ends, with those of all such models. #}
{% macro nothing_written() -%}
    {%- do graph.untouched_models.append(this.identifier) -%}
    {% call noop_statement('main', message='UNTOUCHED', code='UNTOUCHED', rows_affected=0) -%}{%- endcall %}
    {{ return({'relations': [this]}) }}
{%- endmacro %}

{#
    The columns of the model's SQL, for `insert`. Where it describes those that its table has, they are these; else the query is asked for
    them, as dbt does, which plans it one more time: in a night without events that was a third of what the server did.
#}
{% macro columns_written() -%}
    {%- if model.columns | sort == known_table().columns -%}
    {{ return('"' ~ model.columns | join('", "') ~ '"') }}
    {%- endif -%}
    {{ return(adapter.get_column_schema_from_query(get_empty_subquery_sql(sql)) | map(attribute='quoted') | join(', ')) }}
{%- endmacro %}

{#
    The rows of the model's SQL into its table, in one transaction with its hooks, and in one statement with those before it; nothing where
    a hook notes that no key was touched. Rows are replaced by the index of their key, however the model's own joins are planned.
    is_whole: in place of the rows there; else of those with the same unique key, where the strategy is delete+insert.
#}
{% macro rows_written(is_whole=false) -%}
    {%- set key, before = key_of_replaced_rows(), rendered(pre_hooks) -%}
    {%- if model.get('is_untouched') -%}{{ return(nothing_written()) }}{%- endif -%}
    {%- set columns = columns_written() -%}
    {% call statement('main') -%}
        {{ before | join(';\n') }};
        {{ moved_mark() if not is_whole }}
        {{ 'create temporary table written on commit drop as ' ~ sql ~ '; set local enable_nestloop = on;' if key }}
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
