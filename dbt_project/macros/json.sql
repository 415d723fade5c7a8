{#
    Access to the fields of an event's payload. None of them fails, whatever the field holds, and each returns null where
    it is absent, null, or no value of the type: a line that was loaded before its event was known has not been checked.
    The text of a number is its digits, and digits in a string are a number.
    On DuckDB, whose JSON keeps numbers as doubles, the text of 1.50 is 1.5.

    column: a jsonb column; key: name of a top-level field.
#}

{# Text of a string field. #}
{% macro json_text(column, key) -%}
    ({{ column }} ->> '{{ key }}')
{%- endmacro %}

{# The same for a key: of at most 200 characters, the contract's limit for ids; a longer text fits no index and is no key. #}
{% macro json_key(column, key) -%}
    case when length({{ json_text(column, key) }}) <= 200 then {{ json_text(column, key) }} end
{%- endmacro %}

{# bigint of a whole number of at most 18 digits (the contract's limit). #}
{% macro json_int(column, key) -%}
    case when {{ json_text(column, key) }} ~ '^-?[0-9]{1,18}$' then cast({{ json_text(column, key) }} as bigint) end
{%- endmacro %}

{# double precision of any number. Rounded to 15 decimals first: a cast of 1e-400 would fail. #}
{% macro json_float(column, key) -%}
    {{ return(adapter.dispatch('json_float')(column, key)) }}
{%- endmacro %}

{% macro postgres__json_float(column, key) -%}
    case
        when jsonb_typeof({{ column }} -> '{{ key }}') = 'number' and abs(cast({{ column }} ->> '{{ key }}' as numeric)) < 1e300
            then cast(round(cast({{ column }} ->> '{{ key }}' as numeric), 15) as double precision)
    end
{%- endmacro %}

{# By way of text: a cast of a decimal to a double need not give the nearest one. From 1e23 on a double has no decimals. #}
{% macro duckdb__json_float(column, key) -%}
    case
        when json_type({{ column }} -> '{{ key }}') not in ('DOUBLE', 'BIGINT', 'UBIGINT') then null
        when abs(try_cast({{ json_text(column, key) }} as double)) < 1e22
            then cast(cast(cast({{ json_text(column, key) }} as numeric(38, 15)) as varchar) as double)
        when abs(try_cast({{ json_text(column, key) }} as double)) < 1e300 then cast({{ json_text(column, key) }} as double)
    end
{%- endmacro %}

{# boolean. #}
{% macro json_bool(column, key) -%}
    case {{ json_text(column, key) }} when 'true' then true when 'false' then false end
{%- endmacro %}

{# timestamptz of an RFC 3339 text with offset that names an existing day. #}
{% macro json_timestamp(column, key) -%}
    case
        when {{ json_text(column, key) }} ~ '{{ rfc3339_pattern() }}'
            then {{ adapter.dispatch('rfc3339_timestamp')(json_text(column, key)) }}
    end
{%- endmacro %}

{% macro postgres__rfc3339_timestamp(text) -%}
    cast({{ text }} as timestamptz)
{%- endmacro %}

{# A cast would cut off what is below a microsecond, and does not know a small "t" or "z". #}
{% macro duckdb__rfc3339_timestamp(text) -%}
    cast(regexp_replace(upper({{ text }}), '[.][0-9]+', '') as timestamptz)
    + to_microseconds(cast(round_even(cast('0' || regexp_extract({{ text }}, '[.][0-9]+') as double) * 1e6, 0) as bigint))
{%- endmacro %}

{# A list field as it is, jsonb. #}
{% macro json_list(column, key) -%}
    {{ return(adapter.dispatch('json_list')(column, key)) }}
{%- endmacro %}

{% macro postgres__json_list(column, key) -%}
    case when jsonb_typeof({{ column }} -> '{{ key }}') = 'array' then {{ column }} -> '{{ key }}' end
{%- endmacro %}

{% macro duckdb__json_list(column, key) -%}
    case when json_type({{ column }} -> '{{ key }}') = 'ARRAY' then {{ column }} -> '{{ key }}' end
{%- endmacro %}

{# Whether all of some fields are there and not null; null where the array is. fields: an array of text. #}
{% macro json_has_fields(column, fields) -%}
    {{ return(adapter.dispatch('json_has_fields')(column, fields)) }}
{%- endmacro %}

{% macro postgres__json_has_fields(column, fields) -%}
    jsonb_strip_nulls({{ column }}) ?& {{ fields }}
{%- endmacro %}

{% macro duckdb__json_has_fields(column, fields) -%}
    len(list_filter({{ fields }}, lambda field: ({{ column }} ->> field) is null)) = 0
{%- endmacro %}

{# The payload with one more string field; unchanged where the key is null. key, value: SQL expressions. #}
{% macro json_with(column, key, value) -%}
    {{ return(adapter.dispatch('json_with')(column, key, value)) }}
{%- endmacro %}

{% macro postgres__json_with(column, key, value) -%}
    case when {{ key }} is null then {{ column }} else {{ column }} || jsonb_build_object({{ key }}, {{ value }}) end
{%- endmacro %}

{% macro duckdb__json_with(column, key, value) -%}
    case when {{ key }} is null then {{ column }} else json_merge_patch({{ column }}, json_object({{ key }}, {{ value }})) end
{%- endmacro %}

{# Years 2000 to 2099, every month with its own days, February 29th in leap years only, offsets up to 15:59. #}
{% macro rfc3339_pattern() -%}
    ^20([0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([02468][048]|[13579][26])-02-29)[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-](0[0-9]|1[0-5]):[0-5][0-9])$
{%- endmacro %}

{# The texts of a list, with commas between them; null where it is empty or null. list: a jsonb expression of json_list. #}
{% macro json_list_text(list) -%}
    {{ return(adapter.dispatch('json_list_text')(list)) }}
{%- endmacro %}

{% macro postgres__json_list_text(list) -%}
    (
        select string_agg(items.item, ', ' order by items.number)
        from jsonb_array_elements_text({{ list }}) with ordinality as items (item, number)
    )
{%- endmacro %}

{% macro duckdb__json_list_text(list) -%}
    nullif(array_to_string(from_json({{ list }}, '["VARCHAR"]'), ', '), '')
{%- endmacro %}

{# How many elements a list has: bigint, 0 where it is null. #}
{% macro json_list_length(list) -%}
    {{ return(adapter.dispatch('json_list_length')(list)) }}
{%- endmacro %}

{% macro postgres__json_list_length(list) -%}
    cast(coalesce(jsonb_array_length({{ list }}), 0) as bigint)
{%- endmacro %}

{% macro duckdb__json_list_length(list) -%}
    cast(coalesce(json_array_length({{ list }}), 0) as bigint)
{%- endmacro %}

{# Whether a list has a text among its elements; null where it is null. list: a jsonb expression of json_list; item: a text expression. #}
{% macro json_list_has(list, item) -%}
    {{ return(adapter.dispatch('json_list_has')(list, item)) }}
{%- endmacro %}

{% macro postgres__json_list_has(list, item) -%}
    {{ list }} ? {{ item }}
{%- endmacro %}

{% macro duckdb__json_list_has(list, item) -%}
    list_contains(from_json({{ list }}, '["VARCHAR"]'), {{ item }})
{%- endmacro %}
