{#
    Offenders: rows whose period [valid_from, valid_to) begins before the period before it has ended, or is empty.
    keys: the columns that a period is one's of, with commas between.
#}
{% test periods_do_not_overlap(model, keys) %}
    with

    periods as (
        select
            {{ keys }},
            valid_from,
            coalesce(valid_to, date '9999-12-31') as valid_to,
            lag(coalesce(valid_to, date '9999-12-31')) over (
                partition by {{ keys }} order by valid_from
            ) as previous_valid_to
        from {{ model }}
    )

    select *
    from periods
    where valid_from < previous_valid_to or (valid_from < valid_to) is not true
{% endtest %}
