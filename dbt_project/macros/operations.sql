{# The status of an operation that logs whether it was successful; null where it logged neither. #}
{% macro succeeded_or_failed() -%}
    case when is_successful then 'successful' when not is_successful then 'failed' end
{%- endmacro %}

{# The sum of a count of int_operations_counted_daily over the rows of one type: bigint, 0 without any. #}
{% macro summed_operations(count, type) -%}
    cast(coalesce(sum({{ count }}) filter (where operation_type = '{{ type }}'), 0) as bigint)
{%- endmacro %}
