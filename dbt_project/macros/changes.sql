{#
    What changed the figures of a day between two builds (see docs/decisions/0037-history-of-figures.md): events that came, parameters,
    rules, erasures; and where it is none of these, time that went on: a silence that became an end, a window that passed,
    a customer who came back on another day, where the event counts.
#}

{# The tables of this bookkeeping, if they are not there: what each build was built by. #}
{% macro changes_table() -%}
    create table if not exists staging.build_rules (
        build_id bigint primary key,
        parameters_hash text not null,
        logic_hash text not null
    );
{%- endmacro %}

{# What the running build is built by. #}
{% macro build_rules_noted() -%}
    insert into staging.build_rules (build_id, parameters_hash, logic_hash)
    select {{ current_build() }}, '{{ parameters_hash() }}', '{{ graph.logic_hash }}'
{%- endmacro %}

{# Hash of the parameters: the seeds that a company has its own of. #}
{% macro parameters_hash() -%}
    {%- set parts = [] -%}
    {%- for node in graph.nodes.values() if is_parameter(node) -%}
        {%- do parts.append(node.name ~ node.checksum.checksum) -%}
    {%- endfor -%}
    {{ local_md5(parts | sort | join(',')) }}
{%- endmacro %}

{# Whether a node of dbt's graph is a seed of parameters. #}
{% macro is_parameter(node) -%}
    {{ return(node.resource_type == 'seed' and not node.original_file_path.startswith('seeds/contract')) }}
{%- endmacro %}

{# One row: what is new since this model's last build. #}
{% macro changes_since_last_mark() -%}
    select
        coalesce(earlier.parameters_hash != present.parameters_hash, false) as has_new_parameters,
        coalesce(earlier.logic_hash != present.logic_hash, false) as has_new_rules,
        exists (
            select 1 from staging.erasures_followed as followed where followed.build_id > {{ last_mark().build_id }}
        ) as has_erasures
    from staging.build_rules as present
    left join staging.build_rules as earlier on earlier.build_id = {{ last_mark().build_id }}
    where present.build_id = {{ current_build() }}
{%- endmacro %}

{# New events since this model's last build by the day that they count on: that of their session, else their own. #}
{% macro new_events_of_days() -%}
    {%- set new_lines = ref('base_event_lines') ~ ' as lines where copy_number = 1 and build_id > ' ~ last_mark().build_id -%}
    select
        counted.tenant_id,
        coalesce(sessions.session_date, counted.own_date) as calendar_date,
        cast(sum(counted.events_count) as bigint) as new_events_count
    from ({{ events_counted_by_session('select * from ' ~ new_lines) }}) as counted
    left join {{ ref('fct_sessions') }} as sessions
        on
            counted.tenant_id = sessions.tenant_id and counted.session_id = sessions.session_id
            {%- if is_incremental() and not last_mark().is_outdated %}
            and {{ is_listed('sessions.session_id', 'select session_id from ' ~ new_lines) }}
            {%- endif %}
    group by counted.tenant_id, calendar_date
{%- endmacro %}

{# Events by session and their own day: few rows to be joined. lines: a query of lines. #}
{% macro events_counted_by_session(lines) -%}
    select
        lines.tenant_id,
        lines.session_id,
        {{ local_date('lines.occurred_at', 'tenants.timezone') }} as own_date,
        count(*) as events_count
    from ({{ lines }}) as lines
    inner join {{ ref('int_tenants_configured') }} as tenants on lines.tenant_id = tenants.tenant_id
    group by lines.tenant_id, lines.session_id, own_date
{%- endmacro %}

{#
    A `where`: days of the months of which an event has come, or of which a session counts otherwise because its customer came back, or in
    which time can change a figure: returns mature for a week. date: a column.
#}
{% macro only_touched_months(date) -%}
    {%- set days = [touched_days('session'), touched_days('ticket'), changed_return_days()] | join(' union ') -%}
    {% if is_incremental() and not last_mark().is_outdated -%}
    where
        {{ is_listed(month_of(date), 'select ' ~ month_of('days.touched_date') ~ ' from (' ~ days ~ ') as days') }}
        or {{ date }} >= {{ month_of(minutes_after(last_mark().as_of, '(-9 * 1440)')) }}
    {%- endif %}
{%- endmacro %}

{# Why a version of a day's figures is another one than that before. version: alias of int_daily_figures_versioned. #}
{% macro reasons_of_change(version) -%}
    coalesce(
        nullif(concat_ws(
            ', ',
            case when {{ version }}.new_events_count > 0 then 'new events' end,
            case when {{ version }}.has_new_parameters then 'parameters' end,
            case when {{ version }}.has_new_rules then 'rules' end,
            case when {{ version }}.has_erasures then 'erasure' end
        ), ''),
        'time'
    )
{%- endmacro %}

{# The number and the begin of each build. #}
{% macro builds_begun() -%}
    select builds.build_id, builds.begun_at from staging.builds as builds
{%- endmacro %}
