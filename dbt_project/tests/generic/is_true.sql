{#
    Offenders: rows for which a condition is false or null, with the first such one. conditions: a text with a boolean expression
    on each line; a list would be rendered by dbt item by item, at each build. touched_by: where the rows are written by the key of a
    ledger, its name; nights look at what was written since these tests have passed.
#}
{% test is_true(model, conditions, touched_by=none) %}
    select
        case
            {% for condition in conditions.splitlines() %}
            when ({{ condition }}) is not true then '{{ condition | replace("'", "''") }}'
            {% endfor %}
        end as broken_condition,
        offenders.*
    from {{ model }} as offenders
    where
        ({% for condition in conditions.splitlines() %}({{ condition }}) is not true{{ ' or ' if not loop.last }}{% endfor %})
        {{ and_untested(touched_by) }}
{% endtest %}
