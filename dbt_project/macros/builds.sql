{#
    The bookkeeping of incremental builds. Every build has a number; an incremental model stamps the rows that it writes with
    it (`build_id`), and remembers in `staging.build_marks`, in the transaction that writes them, which build it has seen last.
    A build that fails leaves its models' marks where they were, and the next one catches up.
#}

{# on-run-start: number the build, or refuse it: see the macros below for what and why. #}
{% macro begin_build() -%}
    {% if execute and flags.WHICH in ('seed', 'build', 'run', 'retry') %}
        {% do run_query('set role ' ~ target.role) if target.role %}
        {% do run_query(build_tables() ~ retention_tables() ~ changes_table()) %}
    {% endif %}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') %}
        {% do keep_graph() %}
        {% do refuse_losses() %}
        {% do look_at_last_build() %}
        {% if run_query(build_begun()).rows | length == 0 %}
            {{ exceptions.raise_compiler_error(
                "Another build of this database is at work. Wait until it has ended; if it was killed, run this again in a minute."
            ) }}
        {% endif %}
        {% do run_query(build_rules_noted()) %}
        {% do read_marks() %}
    {% endif %}
{%- endmacro %}

{#
    What is asked many times, kept where all models find it: dbt makes dictionaries of all nodes anew whenever a macro looks at them
    (30 ms each time), and the hash of the rules is the same until zones are loaded.
#}
{% macro keep_graph() -%}
    {%- do graph.update({'nodes': dict(graph.nodes), 'metrics': dict(graph.metrics)}) -%}
    {%- do graph.update({'logic_hash': logic_hash(), 'build_scope': build_scope()}) -%}
    {%- do graph.update({'rules_hash': rules_hash(), 'tests_of_touched': tests_of_touched()}) -%}
{%- endmacro %}

{# Builds that would lose rows, or go by parameters that are not loaded. #}
{% macro refuse_losses() -%}
    {%- do refuse_empty() if flags.EMPTY -%}
    {%- do refuse_to_lose_history() -%}
    {%- do refuse_old_seeds() -%}
{%- endmacro %}

{# A model of no rows takes the place of the one that is built. #}
{% macro refuse_empty() -%}
    {{ exceptions.raise_compiler_error("--empty would empty what is built; use it on another database.") }}
{%- endmacro %}

{# Parameters that are not those in the database would give rows that look like new ones. #}
{% macro refuse_old_seeds() -%}
    {% set loaded = dict(run_query('select seed, checksum from seeds.seeds_loaded').rows | map('list')) %}
    {% set changed = [] %}
    {% for node in graph.nodes.values() if node.resource_type == 'seed' and node.unique_id not in selected_resources %}
        {% do changed.append(node.name) if loaded.get(node.name) != node.checksum.checksum %}
    {% endfor %}
    {% if changed %}
        {{ exceptions.raise_compiler_error(
            "Not loaded as they are now: " ~ changed | sort | join(', ') ~ ". Run dbt build without a selector once, or dbt seed."
        ) }}
    {% endif %}
{%- endmacro %}

{#
    Keeps, where all models find it (`graph.has_rules_of_last_build`), whether the last build but for nights was a successful
    one of all models, with the models, macros, parameters and thresholds of now. Without it a night is refused: it passes by
    what only whole builds make.
#}
{% macro look_at_last_build() -%}
    {%- set last = run_query(
        "select scope, is_successful, rules_hash from staging.builds"
        ~ " where build_id = (select max(build_id) from staging.builds where scope != 'nightly')"
    ).rows -%}
    {%- set is_same = last | length > 0 and last[0][0] == 'whole' and last[0][1] and last[0][2] == graph.rules_hash -%}
    {%- if graph.build_scope == 'nightly' and not is_same -%}
        {{ exceptions.raise_compiler_error(
            "A night needs a successful whole build with the models, parameters and thresholds of now as the last one before. "
            ~ "Run dbt build without a selector once."
        ) }}
    {%- endif -%}
    {%- do graph.update({'has_rules_of_last_build': is_same}) -%}
{%- endmacro %}

{# post-hook of every seed: what of it is in the database. #}
{% macro seed_loaded() -%}
    insert into seeds.seeds_loaded (seed, checksum) values ('{{ model.name }}', '{{ model.checksum.checksum }}')
    on conflict (seed) do update set checksum = excluded.checksum
{%- endmacro %}

{# What a build makes: `whole` all models, `nightly` all tables by the selector of that name, `part` anything else. #}
{% macro build_scope() -%}
    {%- set left_out = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        | rejectattr('unique_id', 'in', selected_resources) | map(attribute='config.materialized') | unique | list -%}
    {%- if not left_out -%}
        {{ return('whole') }}
    {%- endif -%}
    {{ return('nightly' if invocation_args_dict.get('selector') == 'nightly' and left_out == ['view'] else 'part') }}
{%- endmacro %}

{# The tables of this bookkeeping, if they are not there. #}
{% macro build_tables() -%}
    create schema if not exists staging;
    create schema if not exists seeds;
    {{ adapter.dispatch('builds_table')() }}
    create table if not exists seeds.seeds_loaded (
        seed text primary key,
        checksum text not null
    );
    create table if not exists staging.build_marks (
        model text primary key,
        build_id bigint not null,
        as_of timestamptz not null,
        rules_hash text not null
    );
{%- endmacro %}

{% macro postgres__builds_table() -%}
    create table if not exists staging.builds (
        build_id bigint generated always as identity primary key,
        as_of timestamptz not null,
        rules_hash text not null,
        scope text not null,
        is_successful boolean,
        begun_at timestamptz not null default clock_timestamp(),
        ended_at timestamptz
    );
{%- endmacro %}

{# DuckDB has no identity columns. #}
{% macro duckdb__builds_table() -%}
    create sequence if not exists staging.build_ids;
    create table if not exists staging.builds (
        build_id bigint primary key default nextval('staging.build_ids'),
        as_of timestamptz not null,
        rules_hash text not null,
        scope text not null,
        is_successful boolean,
        begun_at timestamptz not null default now(),
        ended_at timestamptz
    );
{%- endmacro %}

{#
    A new build, unless another one has just begun or holds the lock that each of its models takes (see begin_model): its
    connections keep it while they are open, also in a statement of hours, and lose it when dbt is killed.
#}
{% macro build_begun() -%}
    {{ return(adapter.dispatch('build_begun')()) }}
{%- endmacro %}

{% macro postgres__build_begun() -%}
    lock table staging.builds in exclusive mode;
    insert into staging.builds (as_of, rules_hash, scope)
    select {{ as_of() }}, '{{ graph.rules_hash }}', '{{ graph.build_scope }}'
    where
        not exists (
            select 1 from staging.builds as others
            where
                others.ended_at is null
                and others.begun_at > clock_timestamp() - {{ var('silent_build_seconds') }} * interval '1 second'
        )
        and not exists (
            select 1 from pg_locks as locks
            where
                locks.locktype = 'advisory' and (locks.classid, locks.objid) = ({{ build_lock() }}) and locks.granted
                and locks.database = (select oid from pg_database where datname = current_database())
        )
    returning build_id;
{%- endmacro %}

{# The advisory lock of builds, two integers. #}
{% macro build_lock() -%}
    740214, 1
{%- endmacro %}

{# DuckDB lets no second process into its file. #}
{% macro duckdb__build_begun() -%}
    insert into staging.builds (as_of, rules_hash, scope)
    select {{ as_of() }}, '{{ graph.rules_hash }}', '{{ graph.build_scope }}'
    returning build_id
{%- endmacro %}

{# Pre-hook of every model: the build is at work, and how the server shall plan what follows. #}
{% macro begin_model() -%}
    {{ return(adapter.dispatch('begin_model')()) }}
{%- endmacro %}

{#
    jit: compiling the plans of wide joins takes longer than running them (fct_sessions of 137,000 events: 8 s with, 1.6 s
    without). random_page_cost: the default of 4 is that of spinning disks; with it the planner reads whole tables for one
    key in a hundred. Where all keys are computed, joins are of everything with everything, and nobody has statistics of
    what a chain of views gives: a guess of one row makes a nested loop of them, or a merge by the tenant alone, and the
    time of both goes with the square of the rows (fct_ticket_sla of 2 million events: 107 s, hashed 2 s). Models that join touched
    keys with such chains say so (`meta: {joins: hashed}`): a night of fct_ticket_sla after 10 million events took 60 s, hashed 0.2 s.
#}
{% macro postgres__begin_model() -%}
    set jit = off;
    set random_page_cost = 1.1;
    {%- set of_touched = is_incremental() and not last_mark().is_outdated and config.get('meta', {}).get('joins') != 'hashed' %}
    set enable_nestloop = {{ 'on' if of_touched else 'off' }};
    set enable_mergejoin = {{ 'on' if of_touched else 'off' }};
    select pg_try_advisory_lock_shared({{ build_lock() }})
{%- endmacro %}

{% macro duckdb__begin_model() -%}
{%- endmacro %}

{# on-run-end: the build has ended, whether all of its models succeeded or not. #}
{% macro end_build() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') -%}
    {#- Zones may have been loaded by this build. -#}
    {%- set rules = rules_hash() if 'seed.' in selected_resources | join(' ') else graph.rules_hash -%}
    {{ left_to_autovacuum() }}
    update staging.build_marks set rules_hash = '{{ rules }}' where build_id = {{ current_build() }};
    update staging.builds
    set
        rules_hash = '{{ rules }}',
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

