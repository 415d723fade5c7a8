{#
    The bookkeeping of incremental builds. Every build has a number; an incremental model stamps the rows that it writes with
    it (`build_id`), and remembers in `staging.build_marks`, in the transaction that writes them, which build it has seen last.
    A build that fails leaves its models' marks where they were, and the next one catches up.
#}

{# on-run-start: number the build, or refuse it while another one is at work on the same database. #}
{% macro begin_build() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') %}
        {% do run_query('set role ' ~ target.role) if target.role %}
        {% do run_query(build_tables()) %}
        {% do run_query(retention_tables()) %}
        {% do refuse_to_lose_history() %}
        {% if invocation_args_dict.get('selector') == 'nightly' and run_query(same_rules_built()).rows | length == 0 %}
            {{ exceptions.raise_compiler_error(
                "No whole build has succeeded since models, parameters or thresholds have changed. "
                ~ "Run dbt build without a selector once."
            ) }}
        {% endif %}
        {% set begun = run_query(build_begun()) %}
        {% if begun.rows | length == 0 %}
            {{ exceptions.raise_compiler_error(
                "Another build of this database is at work. Wait until it has ended; if it was killed, run this again in a minute."
            ) }}
        {% endif %}
    {% endif %}
{%- endmacro %}

{# The tables of this bookkeeping, if they are not there. #}
{% macro build_tables() -%}
    {{ return(adapter.dispatch('build_tables')()) }}
{%- endmacro %}

{% macro postgres__build_tables() -%}
    create schema if not exists staging;
    create table if not exists staging.builds (
        build_id bigint generated always as identity primary key,
        as_of timestamptz not null,
        rules_hash text not null,
        is_whole boolean not null,
        is_successful boolean,
        begun_at timestamptz not null default clock_timestamp(),
        last_seen_at timestamptz not null default clock_timestamp(),
        ended_at timestamptz
    );
    create table if not exists staging.build_marks (
        model text primary key,
        build_id bigint not null,
        as_of timestamptz not null,
        rules_hash text not null
    );
{%- endmacro %}

{# DuckDB has no identity columns. #}
{% macro duckdb__build_tables() -%}
    create schema if not exists staging;
    create sequence if not exists staging.build_ids;
    create table if not exists staging.builds (
        build_id bigint primary key default nextval('staging.build_ids'),
        as_of timestamptz not null,
        rules_hash text not null,
        is_whole boolean not null,
        is_successful boolean,
        begun_at timestamptz not null default now(),
        last_seen_at timestamptz not null default now(),
        ended_at timestamptz
    );
    create table if not exists staging.build_marks (
        model text primary key,
        build_id bigint not null,
        as_of timestamptz not null,
        rules_hash text not null
    );
{%- endmacro %}

{#
    A new build, unless one that has not ended gave a sign of life a short time ago (each model does when it begins) or has
    a statement at work.
#}
{% macro build_begun() -%}
    {{ return(adapter.dispatch('build_begun')()) }}
{%- endmacro %}

{% macro postgres__build_begun() -%}
    lock table staging.builds in exclusive mode;
    insert into staging.builds (as_of, rules_hash, is_whole)
    select {{ as_of() }}, '{{ rules_hash() }}', {{ is_whole_build() }}
    where not exists (
        select 1 from staging.builds as others
        where
            others.ended_at is null
            and (
                others.last_seen_at > clock_timestamp() - {{ var('silent_build_seconds') }} * interval '1 second'
                or exists (
                    select 1 from pg_stat_activity as activity
                    where
                        activity.datname = current_database() and activity.application_name = 'dbt'
                        and activity.state = 'active' and activity.pid != pg_backend_pid()
                )
            )
    )
    returning build_id;
{%- endmacro %}

{# DuckDB lets no second process into its file. #}
{% macro duckdb__build_begun() -%}
    insert into staging.builds (as_of, rules_hash, is_whole)
    select {{ as_of() }}, '{{ rules_hash() }}', {{ is_whole_build() }}
    returning build_id
{%- endmacro %}

{# Whether this build makes everything: nothing was selected or left out. #}
{% macro is_whole_build() -%}
    {%- set args = invocation_args_dict -%}
    {{ 'false' if args.get('select') or args.get('exclude') or args.get('selector') else 'true' }}
{%- endmacro %}

{# A row if the last whole build has succeeded, with the models, parameters and thresholds of now. #}
{% macro same_rules_built() -%}
    select 1 from staging.builds
    where
        build_id = (select max(build_id) from staging.builds where is_whole)
        and is_successful and rules_hash = '{{ rules_hash() }}'
{%- endmacro %}

{# Pre-hook of every model, outside of its transaction: the build is at work; and how the server shall plan what follows. #}
{% macro begin_model() -%}
    {{ return(adapter.dispatch('begin_model')()) }}
{%- endmacro %}

{#
    jit: compiling the plans of wide joins takes longer than running them (fct_sessions of 137,000 events: 8 s with, 1.6 s
    without). random_page_cost: the default of 4 is that of spinning disks; with it the planner reads whole tables for one
    key in a hundred.
#}
{% macro postgres__begin_model() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') -%}
    update staging.builds set last_seen_at = clock_timestamp() where build_id = {{ current_build() }};
    set jit = off;
    set random_page_cost = 1.1
    {%- endif %}
{%- endmacro %}

{# Nobody waits for it; and models that write one row at the same time would fail each other. #}
{% macro duckdb__begin_model() -%}
{%- endmacro %}

{# on-run-end: the build has ended, whether all of its models succeeded or not. #}
{% macro end_build() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') -%}
    update staging.builds
    set
        ended_at = {{ clock() }},
        is_successful = {{ 'false' if results | selectattr('status', 'in', ['error', 'fail', 'skipped']) | list else 'true' }}
    where build_id = {{ current_build() }}
    {%- endif %}
{%- endmacro %}

{# The time on the wall, for the bookkeeping alone: models know nothing but `as_of`. #}
{% macro clock() -%}
    {{ return(adapter.dispatch('clock')()) }}
{%- endmacro %}

{% macro postgres__clock() -%}
    clock_timestamp()
{%- endmacro %}

{% macro duckdb__clock() -%}
    now()
{%- endmacro %}

{# Number of the running build. #}
{% macro current_build() -%}
    (select max(builds.build_id) from staging.builds as builds)
{%- endmacro %}

{# "Now" of the running build, read from the database: for views, which stay when a nightly build passes them by. #}
{% macro current_as_of() -%}
    (select builds.as_of from staging.builds as builds order by builds.build_id desc limit 1)
{%- endmacro %}

{#
    What this model remembers of its last build: build_id (0 before its first), as_of (an expression), and whether it must be computed
    anew (is_outdated: other rules or parameters than then, or an earlier "now"). Read when the
    model is rendered, and written into its SQL as values: the planner takes a subquery for one that lets a third of all
    rows through, and reads whole tables for a handful of them. It is read once and kept in the model's context.
#}
{% macro last_mark() -%}
    {%- if 'last_mark' in model -%}
        {{ return(model['last_mark']) }}
    {%- endif -%}
    {%- set mark = {'build_id': 0, 'as_of': "cast('-infinity' as timestamptz)", 'is_outdated': true} -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'retry') -%}
        {%- set rows = run_query(
            "select marks.build_id, cast(marks.as_of as varchar) as as_of,"
            ~ " marks.rules_hash != builds.rules_hash or marks.as_of > builds.as_of as is_outdated"
            ~ " from staging.build_marks as marks cross join staging.builds as builds"
            ~ " where marks.model = '" ~ this.identifier ~ "' and builds.build_id = " ~ current_build()
        ).rows -%}
        {%- if rows -%}
            {%- do mark.update({
                'build_id': rows[0][0],
                'as_of': "cast('" ~ rows[0][1] ~ "' as timestamptz)",
                'is_outdated': rows[0][2],
            }) -%}
        {%- endif -%}
        {%- do model.update({'last_mark': mark}) -%}
    {%- endif -%}
    {{ return(mark) }}
{%- endmacro %}

{# post-hook of every incremental model: its statistics if rows came in, and what has been seen. #}
{% macro end_model() -%}
    {%- set written = load_result('main') -%}
    {%- if not written or written.response.rows_affected != 0 %}
    analyze {{ this }};
    {%- endif %}
    insert into staging.build_marks (model, build_id, as_of, rules_hash)
    select '{{ this.identifier }}', build_id, as_of, rules_hash from staging.builds where build_id = {{ current_build() }}
    on conflict (model) do update
    set build_id = excluded.build_id, as_of = excluded.as_of, rules_hash = excluded.rules_hash
{%- endmacro %}

{# Hash of everything that gives events their meaning: models, macros, parameters, thresholds. #}
{% macro rules_hash() -%}
    {%- if execute -%}
        {%- set parts = [var('session_timeout_minutes'), var('rejecting_rating_max'), var('confirming_rating_min'), var('lateness_minutes')] -%}
        {%- for name, macro in context[project_name].items() -%}
            {%- do parts.append(name ~ local_md5(macro.macro.macro_sql)) -%}
        {%- endfor -%}
        {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') -%}
            {%- do parts.append(node.unique_id ~ node.checksum.checksum) -%}
        {%- endfor -%}
        {{ local_md5(parts | map('string') | sort | join(',')) }}
    {%- endif -%}
{%- endmacro %}

{#
    The keys that were touched since this model's last build, by a ledger with a `build_id`.

    only_touched: a `where` for the import CTE of a table (one is enough where others are joined to it by the key);
    forget_touched: a pre-hook that deletes the rows of the same keys.
    key: columns of the model.
#}
{% macro only_touched(ledger, key) -%}
    {% if is_incremental() -%}
    where ({{ key }}) in (select {{ key }} from {{ ledger }} as touched where touched.build_id > {{ last_mark().build_id }})
    {%- endif %}
{%- endmacro %}

{#
    The same for a view, with the key's own column once more as a list: a view with CTEs is planned apart, so that joins are
    not carried to the indexes below it; a list is. Not needed when everything is touched.
#}
{% macro only_touched_in_view(ledger, key) -%}
    {% if is_incremental() -%}
    {%- set mark = last_mark() -%}
    {%- set column = key.split(', ') | last -%}
    where ({{ key }}) in (select {{ key }} from {{ ledger }} as touched where touched.build_id > {{ mark.build_id }})
    {%- if not mark.is_outdated %}
    and {{ column }} = any(array(select {{ column }} from {{ ledger }} as touched where touched.build_id > {{ mark.build_id }}))
    {%- endif %}
    {%- endif %}
{%- endmacro %}

{% macro forget_touched(ledger, key) -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    {{ only_touched(ref(ledger), key) }}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{#
    The same for days: those of the touched keys. Where the rules have changed it is all days, since what counted on a day
    may count on another now, which is not the day of any event any more.

    key: the model's tenant and date.
#}
{% macro only_touched_days(ledger, key) -%}
    {%- set mark = last_mark() -%}
    {% if is_incremental() and not mark.is_outdated -%}
    where ({{ key }}) in (select tenant_id, touched_date from {{ ledger }} as touched where touched.build_id > {{ mark.build_id }})
    {%- endif %}
{%- endmacro %}

{% macro forget_touched_days(ledger, key) -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    {{ only_touched_days(ref(ledger), key) }}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}
