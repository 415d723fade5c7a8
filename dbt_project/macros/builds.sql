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

{# A new build, unless one that has not ended gave a sign of life a short time ago: each model gives one. #}
{% macro build_begun() -%}
    {{ return(adapter.dispatch('build_begun')()) }}
{%- endmacro %}

{% macro postgres__build_begun() -%}
    lock table staging.builds in exclusive mode;
    insert into staging.builds (as_of)
    select {{ as_of() }}
    where not exists (
        select 1 from staging.builds as others
        where others.ended_at is null and others.last_seen_at > clock_timestamp() - {{ var('silent_build_seconds') }} * interval '1 second'
    )
    returning build_id;
{%- endmacro %}

{# DuckDB lets no second process into its file. #}
{% macro duckdb__build_begun() -%}
    insert into staging.builds (as_of) select {{ as_of() }} returning build_id
{%- endmacro %}

{# Pre-hook of every model, outside of its transaction: the build is at work. #}
{% macro report_alive() -%}
    {{ return(adapter.dispatch('report_alive')()) }}
{%- endmacro %}

{% macro postgres__report_alive() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') -%}
    update staging.builds set last_seen_at = clock_timestamp() where build_id = {{ current_build() }}
    {%- endif %}
{%- endmacro %}

{# Nobody waits for it; and models that write one row at the same time would fail each other. #}
{% macro duckdb__report_alive() -%}
{%- endmacro %}

{# on-run-end: the build has ended, whether all of its models succeeded or not. #}
{% macro end_build() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') -%}
    update staging.builds set ended_at = {{ clock() }} where build_id = {{ current_build() }}
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

{# Number of the last build that this model has seen; 0 before its first. #}
{% macro last_build() -%}
    (select coalesce(max(marks.build_id), 0) from staging.build_marks as marks where marks.model = '{{ this.identifier }}')
{%- endmacro %}

{# "Now" of that build. #}
{% macro last_as_of() -%}
    (select max(marks.as_of) from staging.build_marks as marks where marks.model = '{{ this.identifier }}')
{%- endmacro %}

{# Whether this model must be computed anew: other rules or parameters than at its last build, or an earlier "now". #}
{% macro is_outdated() -%}
    (
        select coalesce(max(marks.rules_hash), '') != '{{ rules_hash() }}' or max(marks.as_of) > {{ as_of() }}
        from staging.build_marks as marks where marks.model = '{{ this.identifier }}'
    )
{%- endmacro %}

{# post-hook of every incremental model: what has been seen. #}
{% macro mark_built() -%}
    insert into staging.build_marks (model, build_id, as_of, rules_hash)
    values ('{{ this.identifier }}', {{ current_build() }}, {{ as_of() }}, '{{ rules_hash() }}')
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

    only_touched: a `where` for an import CTE; forget_touched: a pre-hook that deletes the rows of the same keys.
    key: columns of the model.
#}
{% macro only_touched(ledger, key) -%}
    {% if is_incremental() -%}
    where ({{ key }}) in (select {{ key }} from {{ ledger }} as touched where touched.build_id > {{ last_build() }})
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
    {% if is_incremental() -%}
    where
        ({{ key }}) in (select tenant_id, touched_date from {{ ledger }} as touched where touched.build_id > {{ last_build() }})
        or {{ is_outdated() }}
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
