{#
    What the models remember of their last builds, and which tables they have, read once when a build begins and kept where the contexts
    of all models find it: a mark is moved by its own model alone, at its end, and a table that gets other columns is made in dbt's way; but
    erasures move marks back, so they come first.
#}
{% macro read_marks() -%}
    {%- do follow_erasures() -%}
    {%- set marks = {} -%}
    {%- for row in run_query(marks_of_models()).rows -%}
        {%- do marks.update({
            row[0]: {'build_id': row[1], 'as_of': "cast('" ~ row[2] ~ "' as timestamptz)", 'is_outdated': row[3] or flags.FULL_REFRESH}
        }) -%}
    {%- endfor -%}
    {%- do graph.update({'build_marks': marks, 'last_touches': {}, 'untouched_models': []}) -%}
    {%- do graph.pop('has_pruned', none) -%}
    {%- do read_tables() -%}
{%- endmacro %}

{#
    The build that each model has seen last, and whether the running one has other rules or an earlier "now" than that. A build of some models
    since (`part`) leaves rows and no mark: so also where it had other rules, a later "now" than the running one, or an earlier one than the mark.
#}
{% macro marks_of_models() -%}
    select
        marks.model,
        marks.build_id,
        cast(marks.as_of as varchar) as as_of,
        marks.rules_hash != builds.rules_hash
        or exists (
            select 1 from staging.builds as seen
            where
                seen.build_id >= marks.build_id
                and (
                    seen.as_of > builds.as_of
                    or (seen.scope = 'part' and (seen.rules_hash != builds.rules_hash or seen.as_of < marks.as_of))
                )
        ) as is_outdated
    from staging.build_marks as marks
    cross join staging.builds as builds
    where builds.build_id = {{ current_build() }}
{%- endmacro %}

{#
    What this model remembers of its last build: build_id (0 before its first), as_of (an expression), and whether it must be
    computed anew (is_outdated: other rules or parameters than then, an earlier "now", or a full refresh of what it is made
    from). Written into SQL as values: the planner takes a subquery for one that lets a third of all rows through, and reads
    whole tables for a handful of them.
#}
{% macro last_mark() -%}
    {{ return(graph.get('build_marks', {}).get(
        this.identifier, {'build_id': 0, 'as_of': "cast('-infinity' as timestamptz)", 'is_outdated': true}
    )) }}
{%- endmacro %}

{#
    post-hook of every incremental model: statistics, and what has been seen, unless it was written with the rows
    (see rows_written).

    is_read_by_build: others ask this model for the rows of the last builds, which old statistics know nothing of; the
    planner would take them for one row. They are told the last build of which it has any (`graph.last_touches`).
#}
{% macro end_model(is_read_by_build=false) -%}
    {%- set written = load_result('main') -%}
    {%- set rows_count = written.response.rows_affected if written else 0 -%}
    {%- if rows_count != 0 %}
    {{ adapter.dispatch('analyzed_if_changed')(rows_count, is_read_by_build) }}
    {%- endif %}
    {% if not model.get('has_moved_mark') -%}
    {{ moved_mark() }}
    {%- endif %}
    {%- if is_read_by_build and execute -%}
    {%- do graph.last_touches.update({this.identifier: run_query('select coalesce(max(build_id), 0) from ' ~ this).rows[0][0]}) -%}
    {%- endif -%}
{%- endmacro %}

{#
    For a pre-hook: notes (`model.is_untouched`) that this build's ledgers, by their names, have no key that was touched since this model's
    last build. Then there is nothing to delete and nothing to write: see `rows_written`.
#}
{% macro untouched_noted(ledgers) -%}
    {%- set touches = [] -%}
    {%- for ledger in ledgers -%}
    {%- do touches.append(graph.get('last_touches', {}).get(ledger)) -%}
    {%- endfor -%}
    {%- if none not in touches and touches | max <= last_mark().build_id and not last_mark().is_outdated -%}
    {%- do model.update({'is_untouched': true}) -%}
    {%- endif -%}
{%- endmacro %}

{# What this build has seen. One of some models alone leaves no mark: what it was built from may not have seen as much. #}
{% macro moved_mark() -%}
    {{ moved_marks([this.identifier]) }}
{%- endmacro %}

{# The same of several models, by their names. #}
{% macro moved_marks(models) -%}
    insert into staging.build_marks (model, build_id, as_of, rules_hash)
    select models.model, builds.build_id, builds.as_of, builds.rules_hash
    from staging.builds as builds
    cross join (values ('{{ models | join("'), ('") }}')) as models (model)
    where builds.build_id = {{ current_build() }} and builds.scope != 'part'
    on conflict (model) do update
    set build_id = excluded.build_id, as_of = excluded.as_of, rules_hash = excluded.rules_hash;
{%- endmacro %}

{# on-run-end: the marks of the models that had nothing to do, and that of the tests of touched rows where all of them have passed, at once. #}
{% macro move_last_marks() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'retry') -%}
    {%- set passed = results | selectattr('status', 'equalto', 'pass') | map(attribute='node.unique_id') | list -%}
    {%- set are_tested = graph.get('tests_of_touched', ['not known']) | reject('in', passed) | list | length == 0 -%}
    {%- set models = graph.get('untouched_models', []) + ([mark_of_tests()] if are_tested else []) -%}
    {{ moved_marks(models) if models }}
    {%- endif -%}
{%- endmacro %}

{# The tests that look at touched rows alone in a night: ids of dbt's nodes. #}
{% macro tests_of_touched() -%}
    {%- set tests = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'test' and node.test_metadata and node.test_metadata.kwargs.touched_by -%}
    {%- do tests.append(node.unique_id) -%}
    {%- endfor -%}
    {{ return(tests) }}
{%- endmacro %}

{# The name of their mark: dbt's ids have a hash of what a test asks, so that after an edit of one they have none. #}
{% macro mark_of_tests() -%}
    {{ return('data_tests_' ~ local_md5(graph.tests_of_touched | sort | join(','))) }}
{%- endmacro %}

{#
    The end of a test's `where`: in a night, rows of keys that were touched since all such tests have passed; those from before are what they
    were then. All rows in any other build, where rules or a test have changed, and where a test was left out. ledger: its name; not by `ref`, which would
    make the test one of the ledger too, and those of intermediate models are left out of nights.
#}
{% macro and_untested(ledger) -%}
    {%- set is_night = graph.get('build_scope') == 'nightly' -%}
    {%- set mark = graph.build_marks.get(mark_of_tests()) if ledger and is_night -%}
    {%- if mark and not mark.is_outdated -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ ledger] -%}
    {%- set key = node.config.unique_key | join(', ') -%}
    and ({{ key }}) in (select {{ key }} from {{ node.relation_name }} as touched where build_id > {{ mark.build_id }})
    {%- endif -%}
{%- endmacro %}

{#
    Statistics of a table that is new, or of which a tenth was written, by what was known when the build began. That is PostgreSQL's own rule
    (autovacuum_analyze_scale_factor), at once instead of within a minute: what is built next is planned by it. It reads a
    sample of 30,000 rows, which costs as much as all else of a night that brings a few; so where others ask for the rows of this build
    (see end_model), which are a few of many, a smaller one of their numbers alone.
#}
{% macro postgres__analyzed_if_changed(rows_count, is_read_by_build) -%}
    {{ spared_by_autovacuum() if not is_incremental() }}
    {% if not is_incremental() or known_table().get('rows_count', -1) <= 10 * rows_count -%}
    analyze {{ this }};
    {%- elif is_read_by_build -%}
    set local default_statistics_target = 30;
    analyze {{ this }} (build_id);
    set local default_statistics_target = default;
    {%- endif %}
{%- endmacro %}

{#
    A table that is made anew is not vacuumed for its own rows while others are built from it: to freeze those of all lines takes minutes,
    of the disk and the processors that the build needs.
#}
{% macro spared_by_autovacuum() -%}
    alter table {{ this }} set (autovacuum_vacuum_insert_scale_factor = 1);
{%- endmacro %}

{# The end of that, when the build ends; also for tables of builds that were killed. #}
{% macro left_to_autovacuum() -%}
    {{ return(adapter.dispatch('left_to_autovacuum')()) }}
{%- endmacro %}

{% macro postgres__left_to_autovacuum() -%}
    {%- for row in run_query(
        "select cast(cast(oid as regclass) as text) from pg_class where relkind = 'r' and relowner = cast(current_user as regrole)"
        ~ " and reloptions @> array['autovacuum_vacuum_insert_scale_factor=1']"
    ).rows %}
    alter table {{ row[0] }} reset (autovacuum_vacuum_insert_scale_factor);
    {%- endfor %}
{%- endmacro %}

{% macro duckdb__left_to_autovacuum() -%}
{%- endmacro %}

{# DuckDB keeps its statistics while it writes. #}
{% macro duckdb__analyzed_if_changed(rows_count, is_read_by_build) -%}
{%- endmacro %}

{# Hash of everything that gives events their meaning: logic, parameters, and the clocks of the zones that these name. #}
{% macro rules_hash() -%}
    {{ return(local_md5(graph.logic_hash ~ parameters_hash() ~ zones_hash())) }}
{%- endmacro %}

{# Hash of models and seeds with their configuration, macros, metrics, thresholds; of a company's own seeds not what they say. #}
{% macro logic_hash() -%}
    {%- set parts = thresholds() -%}
    {%- for name, macro in context[project_name].items() -%}
        {%- do parts.append(name ~ local_md5(macro.macro.macro_sql)) -%}
    {%- endfor -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') -%}
        {%- set said = '' if is_parameter(node) else node.checksum.checksum -%}
        {%- do parts.append(node.unique_id ~ said ~ tojson([node.config, node.columns, node.get('constraints'), node.description])) -%}
    {%- endfor -%}
    {%- for source in graph.sources.values() -%}
        {%- do parts.append(source.unique_id ~ source.schema ~ source.identifier) -%}
    {%- endfor -%}
    {%- for metric in graph.metrics.values() -%}
        {%- do parts.append(metric.name ~ metric.type ~ tojson([metric.type_params, metric.filter])) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | map('string') | sort | join(','))) }}
{%- endmacro %}

{# The variables that give events their meaning. #}
{% macro thresholds() -%}
    {{ return([
        var('session_timeout_minutes'), var('rejecting_rating_max'), var('confirming_rating_min'), var('lateness_minutes'),
        var('claim_tolerance_seconds'), var('claim_tolerance_messages'), var('claim_tolerance_minutes'),
        var('claim_tolerance_hours'),
        var('shift_grace_minutes'), var('business_time_from'),
        var('event_loss_rate_goal'),
        var('unseen_minutes'), var('need_reply_minutes'), var('follow_up_hours'), var('hub_clearing_hour'),
    ]) }}
{%- endmacro %}

{#
    How far the clocks of the zones in use are from UTC, day by day for 20 years, as a hash: another tz database of the server gives
    other dates and other business time. Empty before zones are loaded. What is no zone is left out, a data test finds it.
#}
{% macro zones_hash() -%}
    {{ return(adapter.dispatch('zones_hash')()) }}
{%- endmacro %}

{% macro postgres__zones_hash() -%}
    {%- if load_relation(api.Relation.create(database=target.database, schema='seeds', identifier='business_calendars')) is none -%}
        {{ return('') }}
    {%- endif -%}
    {{ return(run_query("
        select md5(string_agg(cast((days.at_midnight at time zone 'UTC') at time zone zones.name - days.at_midnight as text), ',' order by zones.name, days.at_midnight))
        from pg_timezone_names as zones
        cross join generate_series(timestamp '" ~ var('business_time_from') ~ "', timestamp '" ~ var('business_time_from') ~ "' + interval '20 years', interval '1 day') as days (at_midnight)
        where zones.name in (select timezone from seeds.business_calendars union select timezone from seeds.tenants)
    ").rows[0][0]) }}
{%- endmacro %}

{# The canary builds once. #}
{% macro duckdb__zones_hash() -%}
    {{ return('') }}
{%- endmacro %}
