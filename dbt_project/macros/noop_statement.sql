{# Takes the place of dbt's own, which seeds alone use, and does not write their SQL to a file. dbt would write it below
   target/run/ under the path of the seed's file; where that is absolute (WAREHOUSE_PARAMETERS) it is the file itself,
   which dbt 1.12 overwrites so. Arguments as dbt's: what the log says of the seed. #}
{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
    {%- set _unwritten = caller() -%}
    {%- if name is not none -%}
        {{ store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) }}
    {%- endif -%}
{%- endmacro %}
