{# Offenders: rows for which the condition is false or null. condition: a boolean expression. #}
{% test is_true(model, condition) %}
    select *
    from {{ model }}
    where ({{ condition }}) is not true
{% endtest %}
