{#
    What this model remembers of its last build: build_id (0 before its first), as_of (an expression), and whether it must be computed
    anew (is_outdated: other rules or parameters than then, or an earlier "now"). Read when the
    model is rendered, and written into its SQL as values: the planner takes a subquery for one that lets a third of all
    rows through, and reads whole tables for a handful of them. It is read once and kept in the model's context.
#}
{% macro last_mark() -%}
    {%- if 'last_mark' not in model -%}
        {%- set mark = {'build_id': 0, 'as_of': "cast('-infinity' as timestamptz)", 'is_outdated': true} -%}
        {%- if not execute or flags.WHICH not in ('build', 'run', 'retry') -%}
            {{ return(mark) }}
        {%- endif -%}
        {%- for row in run_query(mark_of(this.identifier)).rows -%}
            {%- do mark.update({'build_id': row[0], 'as_of': "cast('" ~ row[1] ~ "' as timestamptz)", 'is_outdated': row[2]}) -%}
        {%- endfor -%}
        {%- do model.update({'last_mark': mark}) -%}
    {%- endif -%}
    {{ return(model['last_mark']) }}
{%- endmacro %}

{# What is known of a model's last build, and whether the running one has other rules or an earlier "now"; no row before its first. #}
{% macro mark_of(name) -%}
    select
        marks.build_id,
        cast(marks.as_of as varchar) as as_of,
        marks.rules_hash != builds.rules_hash or marks.as_of > builds.as_of as is_outdated
    from staging.build_marks as marks
    cross join staging.builds as builds
    where marks.model = '{{ name }}' and builds.build_id = {{ current_build() }}
{%- endmacro %}

{#
    post-hook of every incremental model: its statistics if rows came in, and what has been seen. A build of some models
    alone leaves no mark: what it was built from may not have seen as much.
#}
{% macro end_model() -%}
    {%- set written = load_result('main') -%}
    {%- if not written or written.response.rows_affected != 0 %}
    analyze {{ this }};
    {%- endif %}
    insert into staging.build_marks (model, build_id, as_of, rules_hash)
    select '{{ this.identifier }}', build_id, as_of, rules_hash
    from staging.builds
    where build_id = {{ current_build() }} and scope != 'part'
    on conflict (model) do update
    set build_id = excluded.build_id, as_of = excluded.as_of, rules_hash = excluded.rules_hash
{%- endmacro %}

{# Hash of everything that gives events their meaning: models and their configuration, macros, parameters, thresholds. #}
{% macro rules_hash() -%}
    {%- if execute -%}
        {%- set parts = [var('session_timeout_minutes'), var('rejecting_rating_max'), var('confirming_rating_min'), var('lateness_minutes')] -%}
        {%- for name, macro in context[project_name].items() -%}
            {%- do parts.append(name ~ local_md5(macro.macro.macro_sql)) -%}
        {%- endfor -%}
        {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') -%}
            {%- do parts.append(node.unique_id ~ node.checksum.checksum ~ tojson(node.config) ~ tojson(node.columns)) -%}
        {%- endfor -%}
        {{ local_md5(parts | map('string') | sort | join(',')) }}
    {%- endif -%}
{%- endmacro %}
