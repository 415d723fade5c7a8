{#
    What `loader prune` dropped from raw, followed in the warehouse (see "Retention" in docs/operations.md). A case is a
    session, a ticket, an agent, a thread or a contact; it is over for retention when all of its lines were loaded, and have happened, before the
    cutoff. Then all of its lines go at once, and what is kept of it are its rows in the marts and its sums by day. Which
    cases have gone stands in `staging.pruned_cases` as keyed hashes: what arrives for them is refused.
#}

{# The tables of this bookkeeping, if they are not there. #}
{% macro retention_tables() -%}
    create table if not exists staging.pruned_cases (
        case_hash text primary key,
        pruned_before timestamptz not null
    );
    create table if not exists staging.pruned_lines (
        source_file_id bigint primary key,
        loaded_lines_count bigint not null,
        incomplete_lines_count bigint not null,
        duplicate_lines_count bigint not null,
        refused_lines_count bigint not null
    );
    alter table staging.pruned_lines add column if not exists erased_lines_count bigint default 0;
    create table if not exists staging.prunings_followed (
        cutoff date primary key,
        build_id bigint not null
    );
    {{ erasures_table() }}
{%- endmacro %}

{# Whether this warehouse has followed a pruning, asked once: many models do. #}
{% macro has_pruned() -%}
    {%- if execute and 'has_pruned' not in graph -%}
    {%- set followed = api.Relation.create(database=target.database, schema='staging', identifier='prunings_followed') -%}
    {%- do graph.update({'has_pruned': (
        (flags.WHICH in ('build', 'run', 'retry') or (flags.WHICH == 'test' and load_relation(followed) is not none))
        and run_query('select 1 from staging.prunings_followed limit 1').rows | length > 0
    )}) -%}
    {%- endif -%}
    {{ return(execute and graph['has_pruned']) }}
{%- endmacro %}

{# How many lines of each log file have been pruned from staging. #}
{% macro pruned_lines() -%}
    staging.pruned_lines
{%- endmacro %}

{# The first day in UTC whose loads raw still has; every load from before is built. #}
{% macro first_kept_day() -%}
    (select coalesce(max(prunings.cutoff), date '1970-01-01') from {{ source('raw', 'prunings') }} as prunings)
{%- endmacro %}

{# Whether a load is built. loads: alias of raw.loads; lines: the relation of built lines. #}
{% macro is_load_built(loads, lines) -%}
    (
        {{ loads }}.lines_loaded = 0
        or {{ loads }}.loaded_on < {{ first_kept_day() }}
        or exists (select 1 from {{ lines }} as built where built.load_id = {{ loads }}.load_id) -- noqa: LT14
        or {{ loads }}.lines_loaded = {{ erased_of_load(loads) }}
    )
{%- endmacro %}

{# The kind of case that a line belongs to: thread, contact, session, ticket, agent or none. lines: alias of built lines. #}
{% macro case_kind(lines) -%}
    case
        when {{ lines }}.thread_id is not null then 'thread'
        when {{ lines }}.contact_hash is not null then 'contact'
        when {{ lines }}.ticket_id is not null and ({{ lines }}.session_id is null or {{ lines }}.event like 'ticket.%') then 'ticket'
        when {{ lines }}.session_id is not null then 'session'
        when {{ lines }}.agent_id is not null then 'agent'
        else 'none'
    end
{%- endmacro %}

{# The key of that case within its kind and tenant; empty for none. #}
{% macro case_id(lines) -%}
    case {{ case_kind(lines) }}
        when 'ticket' then {{ lines }}.ticket_id when 'session' then {{ lines }}.session_id when 'agent' then {{ lines }}.agent_id
        when 'thread' then {{ lines }}.thread_id when 'contact' then {{ lines }}.contact_hash else ''
    end
{%- endmacro %}

{# The column that bears the key of a kind of case; contacts stand as hashes in the warehouse. #}
{% macro case_column(kind) -%}
    {{ 'contact_hash' if kind == 'contact' else kind ~ '_id' }}
{%- endmacro %}

{# Half of a keyed SHA-256 of a case. kind, id: text expressions; cases: alias of what has the tenant. #}
{% macro case_hash(kind, cases, id) -%}
    {%- set text = kind ~ " || ' ' || length(" ~ cases ~ ".tenant_id) || ' ' || " ~ cases ~ ".tenant_id || ' ' || " ~ id -%}
    left({{ keyed_hash(text) }}, 32)
{%- endmacro %}

{# A `where` for a ledger: keys whose details are not pruned. kind: session, ticket or thread; keys: alias of a CTE. #}
{% macro where_unpruned(kind, keys) -%}
    {% if has_pruned() -%}
    where not exists (
        select 1 from staging.pruned_cases as pruned
        where pruned.case_hash = {{ case_hash("'" ~ kind ~ "'", keys, keys ~ '.' ~ kind ~ '_id') }}
    )
    {%- endif %}
{%- endmacro %}

{#
    Lines with `is_refused`: they have just arrived for a case whose details are pruned, or for someone who is erased
    (`is_erased`). lines: a CTE with `is_arrival`.
#}
{% macro with_refusals(lines) -%}
    {% if has_pruned() -%}
    select
        lines.*,
        coalesce(lines.is_erased or (lines.is_arrival and lines.occurred_at < pruned.pruned_before), false) as is_refused
    from ({{ with_erasures(lines) }}) as lines
    left join (
        {{ pruned_cases_of_arrivals(lines) }}
    ) as pruned
        on
            pruned.kind = {{ case_kind('lines') }}
            and pruned.tenant_id = lines.tenant_id
            and pruned.case_id = {{ case_id('lines') }}
    {%- else -%}
    select lines.*, lines.is_erased as is_refused from ({{ with_erasures(lines) }}) as lines
    {%- endif %}
{%- endmacro %}

{# Pruned cases that lines have just arrived for. lines: a CTE with `is_arrival`. #}
{% macro pruned_cases_of_arrivals(lines) -%}
    select cases.*, pruned_cases.pruned_before
    from (
        -- distinct: a case has many lines.
        select distinct {{ case_kind('arrivals') }} as kind, tenant_id, {{ case_id('arrivals') }} as case_id
        from {{ lines }} as arrivals
        where arrivals.is_arrival
    ) as cases
    inner join staging.pruned_cases as pruned_cases
        on pruned_cases.case_hash = {{ case_hash('cases.kind', 'cases', 'cases.case_id') }}
{%- endmacro %}

{# A column of admitted lines; null on those that are refused. #}
{% macro unless_refused(column) -%}
    case when not is_refused then {{ column }} end
{%- endmacro %}

{# Behind `forget_touched` of a model with a row per shift: the shifts whose events are pruned stay. start: a column. #}
{% macro but_pruned_shifts(start) -%}
    {% if is_incremental() and has_pruned() -%}
    and not exists (
        select 1 from staging.pruned_cases as pruned
        where
            pruned.case_hash = {{ case_hash("'agent'", this.identifier, this.identifier ~ '.agent_id') }}
            and {{ this.identifier }}.{{ start }} < pruned.pruned_before
    )
    {%- endif %}
{%- endmacro %}

{# on-run-start: refuse what would lose the history of pruned cases. #}
{% macro refuse_to_lose_history() -%}
    {% set cutoff = run_query('select max(cutoff) from raw.prunings').rows[0][0] %}
    {% if cutoff is not none and not var('lose_history') %}
        {% do refuse_to_lose_rows(cutoff) if flags.FULL_REFRESH %}
        {% do refuse_pruned_past() %}
    {% endif %}
{%- endmacro %}

{# Refuse a full refresh of models that keep rows of pruned cases. cutoff: a date. #}
{% macro refuse_to_lose_rows(cutoff) -%}
    {% set lost = [] %}
    {% for node in graph.nodes.values() if node.unique_id in selected_resources and node.config.materialized == 'incremental' %}
        {%- set is_kept = node.config.meta.pruned_with or node.config.meta.is_whole_after_pruning or node.config.full_refresh == false %}
        {% do lost.append(node.name) if not is_kept %}
    {% endfor %}
    {% if lost %}
        {{ exceptions.raise_compiler_error(
            "What was loaded before " ~ cutoff ~ " is pruned: --full-refresh would lose it in " ~ lost | sort | join(', ') ~ ". "
            ~ "Run dbt build without --full-refresh: it computes anew what still has its events (docs/operations.md, Retention)."
        ) }}
    {% endif %}
{%- endmacro %}

{# Refuse an `as_of` from before what is pruned. #}
{% macro refuse_pruned_past() -%}
    {% set known = run_query("select max(cutoff) from staging.prunings_followed having " ~ as_of() ~ " < " ~ midnight("max(cutoff)")) %}
    {% if known.rows | length > 0 %}
        {{ exceptions.raise_compiler_error(
            "Details from before " ~ known.rows[0][0] ~ " are pruned: that time cannot be reported anew. Choose a later as_of."
        ) }}
    {% endif %}
{%- endmacro %}

{# The instant at which a day in UTC begins. #}
{% macro midnight(day) -%}
    (cast({{ day }} as timestamp) at time zone 'UTC')
{%- endmacro %}
