{# Offenders: keys that stand more than once, or of which a part is null. columns: of the key, with commas between. #}
{% test unique_key(model, columns) %}
    select
        {{ columns }},
        count(*) as rows_count
    from {{ model }}
    group by {{ columns }}
    having
        count(*) > 1
        {% for column in modules.re.split(', (?![^(]*[)])', columns) %}
        or {{ column }} is null
        {% endfor %}
{% endtest %}
