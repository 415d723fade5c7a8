{#
    Descriptions become comments in the database: once, not every night anew on tables that stay. In one statement, where dbt
    asks twice which columns there are. A column that is described and not there is warned of, as by dbt.
#}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set of_relation = for_relation and config.persist_relation_docs() -%}
    {%- set columns = model.columns if for_columns and config.persist_column_docs() else {} -%}
    {%- if (of_relation or columns) and (not is_incremental() or last_mark().is_outdated) -%}
    {%- set missing = run_query(comments_written(relation, model.description if of_relation else '', columns)) -%}
    {%- if missing -%}
    {%- do exceptions.warn(relation ~ ' has no columns ' ~ missing.columns[0].values() | join(', ') ~ ', which are described') -%}
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#
    The comments of a relation, where it has a description, and of those of its columns that are there; gives the names of the
    others. columns: as dbt's.
#}
{% macro comments_written(relation, description, columns) -%}
    {%- set described = described_columns(columns) -%}
    {{ alter_relation_comment(relation, description) if description }}
    do $dbt_comment_literal_blocks$
    declare
        described record;
    begin
        for described in
            select column_name, description
            from (values {{ described }}) as columns (column_name, description)
            where column_name in ({{ columns_of(relation) }})
        loop
            execute format('comment on column %s.%I is %L', {{ postgres_escape_comment(relation | string) }}, described.column_name, described.description);
        end loop;
    end
    $dbt_comment_literal_blocks$;
    select column_name from (values {{ described }}) as columns (column_name, description)
    where column_name is not null and column_name not in ({{ columns_of(relation) }})
{%- endmacro %}

{# Rows of names and descriptions; one without a name for a relation none of whose columns is described. #}
{% macro described_columns(columns) -%}
    {%- for column in columns.values() -%}
    ({{ postgres_escape_comment(column.name if column.quote else column.name | lower) }}, {{ postgres_escape_comment(column.description) }}),
    {%- endfor -%}
    (null, null)
{%- endmacro %}

{# A query of the names of a relation's columns. #}
{% macro columns_of(relation) -%}
    select attname from pg_attribute
    where attrelid = cast({{ postgres_escape_comment(relation | string) }} as regclass) and attnum > 0 and not attisdropped
{%- endmacro %}
