{#
    Offenders: keys that stand more than once, or of which a part is null. Rows are not counted where a unique index has seen to it.
    columns: of the key, with commas between.
#}
{% test unique_key(model, columns) %}
{% set parts = modules.re.split(', (?![^(]*[)])', columns) %}
    select
        {{ columns }},
        count(*) as rows_count
    from {{ model }}
    where
        {{ is_key_unheld(model, parts) }}
        or {{ parts | join(' is null or ') }} is null
    group by {{ columns }}
    having
        count(*) > 1
        or {{ parts | join(' is null or ') }} is null
{% endtest %}
