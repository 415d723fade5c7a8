{#
    The metrics are defined once, as dbt metrics beside the facts (models/marts/sessions): these macros write them into the SQL of
    the marts, so that a report, MetricFlow and the documentation say the same. dbt shows metrics to models and data tests, not to
    unit tests: what is counted is tested on the golden days (tests/warehouse/test_golden_days.py).
#}

{# A count or sum inside a `group by` over the metric's fact. name: of a metric of the type `simple` with `agg: sum`. #}
{% macro metric_sum(name) -%}
    sum({{ metric_parameters(name).expr if execute else 0 }})
{%- endmacro %}

{# A rate over columns that bear the names of its parts: a ratio of two metrics, or a product of such ratios (`derived`). #}
{% macro metric_rate(name) -%}
    {%- if execute -%}
        {%- set factors = metric_parameters(name).metrics | map(attribute='name') | list or [name] -%}
        {%- set numerators, denominators = [], [] -%}
        {%- for factor in factors -%}
            {%- do numerators.append(metric_parameters(factor).numerator.name) -%}
            {%- do denominators.append(metric_parameters(factor).denominator.name) -%}
        {%- endfor -%}
        {{ ratio(numerators | join(' * '), denominators | join(' * ')) }}
    {%- else -%}
        null
    {%- endif -%}
{%- endmacro %}

{# What dbt knows of a metric; refused where it says more than the two macros above write. #}
{% macro metric_parameters(name) -%}
    {%- set metric = graph.metrics['metric.' ~ project_name ~ '.' ~ name] -%}
    {%- set parts = metric.type_params.metrics + [metric.type_params.numerator, metric.type_params.denominator] -%}
    {%- if metric.filter or parts | select | selectattr('filter') | list -%}
        {{ exceptions.raise_compiler_error(
            "The marts would ignore the filter of the metric " ~ name ~ ". Write it into the expression, as a case."
        ) }}
    {%- elif metric.type == 'simple' and metric.type_params.metric_aggregation_params.agg != 'sum' -%}
        {{ exceptions.raise_compiler_error("The metric " ~ name ~ " is no sum. Marts add days up, so it has to be one.") }}
    {%- elif metric.type not in ('simple', 'ratio', 'derived') -%}
        {{ exceptions.raise_compiler_error("The marts know no metrics of the type of " ~ name ~ ": " ~ metric.type ~ ".") }}
    {%- endif -%}
    {{ return(metric.type_params) }}
{%- endmacro %}

{#
    All that the metrics count of a row, with its day and the dimensions below, as one value to be compared; nulls are equal in it.
    semantic_model: name of the fact's.
#}
{% macro counted_of_row(semantic_model) -%}
    {%- set expressions = [] -%}
    {%- for metric in graph.metrics.values() if metric.type_params.metric_aggregation_params.semantic_model == semantic_model -%}
        {%- do expressions.append(metric.type_params.expr) -%}
    {%- endfor -%}
    {%- if not expressions -%}
        {{ exceptions.raise_compiler_error("No metric is of the semantic model " ~ semantic_model ~ ": write its name as in the model's .yml.") }}
    {%- endif -%}
    row(session_date, channel, site, intent, {{ expressions | join(', ') }})
{%- endmacro %}

{# By which dimension a row of `session_dimension_sets` counts, and which value of it. #}
{% macro session_dimension() -%}
    case
        when grouping(channel) = 0 then 'channel'
        when grouping(site) = 0 then 'site'
        when grouping(intent) = 0 then 'intent'
        else 'all'
    end as dimension,
    case
        when grouping(channel) = 0 then coalesce(channel, '(not logged)')
        when grouping(site) = 0 then coalesce(site, '(not logged)')
        when grouping(intent) = 0 then coalesce(intent, '(not logged)')
        else 'all'
    end as dimension_value
{%- endmacro %}

{# A `group by` of sessions as a whole, by channel, by site and by intent at once. keys: columns of all four. #}
{% macro session_dimension_sets(keys) -%}
    grouping sets (({{ keys }}), ({{ keys }}, channel), ({{ keys }}, site), ({{ keys }}, intent))
{%- endmacro %}
