{#
    When a build begins: let go what `loader erase` has taken out of raw since the last build, in one transaction. The lines and the
    rows made of them go at once, whatever is built then; the build computes anew what the lines shared with others: days,
    tenants, files, the copies of a repeated event. A build that fails, or is of some models only, leaves that to the next one.
#}
{% macro follow_erasures() -%}
    {% set statements = adapter.dispatch('erasures_to_follow')() %}
    {% do run_query(statements) if statements | trim %}
{%- endmacro %}

{# Only the warehouse itself is erased in. #}
{% macro duckdb__erasures_to_follow() -%}
{%- endmacro %}

{% macro postgres__erasures_to_follow() -%}
    {%- set lines = load_relation(api.Relation.create(database=target.database, schema='staging', identifier='base_event_lines')) -%}
    {% if run_query('select 1 from raw.erasures where ' ~ not_followed('erasures')).rows | length > 0 -%}
    begin;
    lock table staging.builds in exclusive mode;
    {{ erasures_followed(lines) if lines is not none }}
    insert into staging.erasures_followed
    select erasures.erasure_id, {{ current_build() }} from raw.erasures as erasures where {{ not_followed('erasures') }};
    commit;
    {%- endif %}
{%- endmacro %}

{# Of erasures that no build has followed. rows: alias of what has an erasure_id. #}
{% macro not_followed(rows) -%}
    {{ rows }}.erasure_id not in (select followed.erasure_id from staging.erasures_followed as followed)
{%- endmacro %}

{# The lines go, and what was made of them. lines: relation of built lines. #}
{% macro erasures_followed(lines) -%}
    create temporary table erasing on commit drop as
    select lines.ctid as place, lines.event_id, lines.event, lines.occurred_at, lines.tenant_id, lines.session_id, lines.ticket_id, lines.agent_id, lines.thread_id,
        lines.contact_hash, lines.source_file_id
    from {{ lines }} as lines
    inner join raw.erased_lines as erased
        on lines.load_id = erased.load_id and lines.source_file_id = erased.source_file_id and lines.line_number = erased.line_number
    where {{ not_followed('erased') }};
    analyze erasing;
    delete from {{ lines }} as lines using erasing where lines.ctid = erasing.place;
    {{ copies_ranked_anew(lines) }}
    {{ erased_rows_forgotten(lines) }}
    {{ erased_agent_days_forgotten(lines) }}
    {{ erased_files_recounted(lines) }}
    {{ shared_rows_outdated() }}
{%- endmacro %}

{# Of an event of which a line is gone the next one in load order is the event now. #}
{% macro copies_ranked_anew(lines) -%}
    update {{ lines }} as lines
    set copy_number = ranked.copy_number, build_id = {{ current_build() }}
    from (
        select
            copies.ctid as place,
            row_number() over (partition by copies.event_id order by copies.load_id, copies.source_file_id, copies.line_number) as copy_number
        from {{ lines }} as copies
        where copies.event_id in (select erasing.event_id from erasing) and copies.copy_number > 0
    ) as ranked
    where lines.ctid = ranked.place and lines.copy_number != ranked.copy_number;
{%- endmacro %}

{# Keys that gave lines: those that have others left are computed anew by the build, of the rest the rows go. #}
{% macro erased_rows_forgotten(lines) -%}
    create temporary table erased_keys on commit drop as
    {{ keys_of_erased_lines() }}
    {{ keys_of_erased_reports() }};
    analyze erased_keys;
    {% for kind in ('session', 'ticket', 'thread', 'contact') -%}
    update {{ lines }} as lines set build_id = {{ current_build() }}
    from erased_keys as keys
    where {{ names_key('lines', 'keys', kind) }};
    delete from erased_keys as keys
    where keys.kind = '{{ kind }}' and ({{ stays_without_lines('keys') }} or exists (select 1 from {{ lines }} as lines where {{ names_key('lines', 'keys', kind) }}));
    {% for node in incremental_models() if node.config.meta.erased_with == kind -%}
    delete from {{ api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias) }}
    where (tenant_id, {{ case_column(kind) }}) in (select keys.tenant_id, keys.key_id from erased_keys as keys where keys.kind = '{{ kind }}');
    {% endfor %}
    {%- endfor %}
{%- endmacro %}

{# Cases that erased lines name. #}
{% macro keys_of_erased_lines() -%}
    select 'session' as kind, tenant_id, session_id as key_id from erasing where session_id is not null
    union
    select 'ticket', tenant_id, ticket_id from erasing where ticket_id is not null
    union
    select 'thread', tenant_id, thread_id from erasing where thread_id is not null
    union
    select 'contact', tenant_id, contact_hash from erasing where contact_hash is not null and thread_id is null
{%- endmacro %}

{# Of a case whose lines were pruned before there are only reports. #}
{% macro keys_of_erased_reports() -%}
    {% for node in incremental_models() if node.config.meta.erased_with in ('session', 'ticket', 'thread', 'contact') and not node.config.meta.pruned_with -%}
    {%- set kind, column = node.config.meta.erased_with, case_column(node.config.meta.erased_with) -%}
    union
    select '{{ kind }}', reports.tenant_id, reports.{{ column }}
    from {{ api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias) }} as reports
    where {{ case_hash("'" ~ kind ~ "'", 'reports', 'reports.' ~ column) }} in (
        select erased.case_hash from raw.erased_cases as erased where {{ not_followed('erased') }}
    )
    {% endfor %}
{%- endmacro %}

{# Whether a line names a key. #}
{% macro names_key(lines, keys, kind) -%}
    {{ keys }}.kind = '{{ kind }}' and {{ lines }}.tenant_id = {{ keys }}.tenant_id and {{ lines }}.{{ case_column(kind) }} = {{ keys }}.key_id
    {%- if kind == 'contact' %} and {{ lines }}.thread_id is null{% endif %}
{%- endmacro %}

{# Whether a key is one whose lines were pruned, and that is not erased itself: its rows stay. #}
{% macro stays_without_lines(keys) -%}
    {{ case_hash(keys ~ '.kind', keys, keys ~ '.key_id') }} in (
        select pruned.case_hash from staging.pruned_cases as pruned
        where pruned.case_hash not in (select erased.case_hash from raw.erased_cases as erased)
    )
{%- endmacro %}

{#
    Days of agents that gave lines, each with the day of the login before, whose shift may last until then: they are computed anew by the
    build; of days without a line left the rows go, but for those of pruned shifts.
#}
{% macro erased_agent_days_forgotten(lines) -%}
    create temporary table erased_days on commit drop as
    select distinct tenant_id, agent_id, {{ utc_date('occurred_at') }} as utc_date from erasing where {{ is_of_agent() }};
    insert into erased_days
    select days.tenant_id, days.agent_id, max({{ utc_date('logins.occurred_at') }})
    from erased_days as days
    inner join {{ lines }} as logins on days.tenant_id = logins.tenant_id and days.agent_id = logins.agent_id
    where {{ is_login('logins') }} and {{ utc_date('logins.occurred_at') }} < days.utc_date
    group by days.tenant_id, days.agent_id, days.utc_date;
    analyze erased_days;
    update {{ lines }} as lines set build_id = {{ current_build() }}
    from erased_days as days
    where {{ is_of_agent_day('lines', 'days') }};
    delete from erased_days as days where exists (select 1 from {{ lines }} as lines where {{ is_of_agent_day('lines', 'days') }});
    {% for node in incremental_models() if node.config.meta.erased_with == 'agent' -%}
    {{ rows_of_erased_days_deleted(node) }}
    {% endfor %}
{%- endmacro %}

{# The rows of a model of agents on these days. #}
{% macro rows_of_erased_days_deleted(node) -%}
    {%- set placed_by = node.config.meta.placed_by -%}
    delete from {{ api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias) }} as agents
    using erased_days as days
    where
        agents.tenant_id = days.tenant_id and agents.agent_id = days.agent_id
        and {{ utc_date('agents.' ~ placed_by) if placed_by else 'agents.utc_date' }} = days.utc_date
        {% if placed_by -%}
        and not exists (
            select 1 from staging.pruned_cases as pruned
            where pruned.case_hash = {{ case_hash("'agent'", 'agents', 'agents.agent_id') }} and agents.{{ placed_by }} < pruned.pruned_before
        )
        {%- endif %};
{%- endmacro %}

{#
    One line of each file that gave lines is stamped, so that the build counts the file anew. Of a file without any left there
    is no row, or the one of its pruned lines.
#}
{% macro erased_files_recounted(lines) -%}
    update {{ lines }} as lines set build_id = {{ current_build() }}
    where lines.ctid in (
        select min(others.ctid) from {{ lines }} as others
        where others.source_file_id in (select erasing.source_file_id from erasing)
        group by others.source_file_id
    );
    create temporary table emptied_files on commit drop as
    select distinct source_file_id from erasing
    where not exists (select 1 from {{ lines }} as lines where lines.source_file_id = erasing.source_file_id);
    {% for node in incremental_models() if node.config.meta.erased_with == 'file' -%}
    {%- set files = api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias) -%}
    delete from {{ files }} where source_file_id in (select emptied.source_file_id from emptied_files as emptied);
    {{ insert_pruned_files(files) }}
    {% endfor %}
{%- endmacro %}

{# Of files whose lines have all gone, what was pruned of them. #}
{% macro insert_pruned_files(files) -%}
    insert into {{ files }} (
        source_file_id, loaded_lines_count, incomplete_lines_count, duplicate_lines_count, refused_lines_count, erased_lines_count
    )
    select
        pruned.source_file_id, pruned.loaded_lines_count, pruned.incomplete_lines_count, pruned.duplicate_lines_count,
        pruned.refused_lines_count, pruned.erased_lines_count
    from {{ pruned_lines() }} as pruned
    where pruned.source_file_id in (select emptied.source_file_id from emptied_files as emptied);
{%- endmacro %}

{# What has rows that people share, of a day or a tenant, is computed anew wholly. #}
{% macro shared_rows_outdated() -%}
    update staging.build_marks set rules_hash = 'before an erasure'
    where model in (
        {%- for node in incremental_models() if node.config.meta.erased_with == 'whole' %}'{{ node.alias }}', {% endfor %}''
    );
{%- endmacro %}

{# Incremental models that are there. #}
{% macro incremental_models() -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'incremental' -%}
        {%- do found.append(node) if load_relation(api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias)) is not none -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
