{# Offenders: rows for which a condition is false or null, with the first such one. conditions: boolean expressions. #}
{% test is_true(model, conditions) %}
    select
        case
            {% for condition in conditions %}
            when ({{ condition }}) is not true then '{{ condition | replace("'", "''") }}'
            {% endfor %}
        end as broken_condition,
        offenders.*
    from {{ model }} as offenders
    where {% for condition in conditions %}({{ condition }}) is not true{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
