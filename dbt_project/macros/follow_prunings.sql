{#
    on-run-end: let the details of cases go that a pruning of raw has reached, once every model has seen them. It is one
    transaction, and no other build can begin in it. A build that fails, or is of some models only, leaves it to the next one.
#}
{% macro follow_prunings() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') -%}
        {{ return(adapter.dispatch('follow_prunings')()) }}
    {%- endif %}
{%- endmacro %}

{# Only the warehouse itself is pruned. #}
{% macro duckdb__follow_prunings() -%}
{%- endmacro %}

{% macro postgres__follow_prunings() -%}
    {% set cutoff = run_query(pruning_to_follow()).rows[0][0] %}
    {% if cutoff is not none -%}
        {% set late = run_query(models_behind()).columns[0].values() %}
        {% if late -%}
            {{ log("Details from before " ~ cutoff ~ " stay until a build of all models succeeds; not built now: " ~ late | join(', '), info=True) }}
        {%- else -%}
            {{ pruning_followed("date '" ~ cutoff ~ "'") }}
        {%- endif %}
    {%- endif %}
{%- endmacro %}

{# The last cutoff of raw, if it has passed and is not followed yet; else null. #}
{% macro pruning_to_follow() -%}
    select max(cutoff) from raw.prunings
    where
        {{ midnight('cutoff') }} <= {{ as_of() }}
        and cutoff > (select coalesce(max(cutoff), date '1970-01-01') from staging.prunings_followed)
{%- endmacro %}

{# Incremental models that this build has not built. #}
{% macro models_behind() -%}
    select model from (
        {% for node in graph.nodes.values() if node.config.materialized == 'incremental' and 'end_model' in node.config['post-hook'] | string -%}
        select '{{ node.alias }}' as model {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as models
    where not exists (
        select 1 from staging.build_marks as marks where marks.model = models.model and marks.build_id = {{ current_build() }}
    )
    order by model
{%- endmacro %}

{# The transaction: what goes, that it goes, and its going. cutoff: a date expression. #}
{% macro pruning_followed(cutoff) -%}
    {%- set lines = api.Relation.create(database=target.database, schema='staging', identifier='base_event_lines') -%}
    begin;
    lock table staging.builds in exclusive mode;
    {{ going_found(lines, cutoff) }}
    {{ going_remembered() }}
    {{ going_lines_counted(lines) }}
    {{ going_rows_deleted() }}
    {{ gone_agents_deleted(lines) }}
    insert into staging.prunings_followed values ({{ cutoff }}, {{ current_build() }});
    commit;
{%- endmacro %}

{# What arrives for these cases from now on is refused. #}
{% macro going_remembered() -%}
    insert into staging.pruned_cases
    select {{ case_hash('going.kind', 'going', 'going.case_id') }}, going.pruned_before from going
    on conflict (case_hash) do update set pruned_before = greatest(pruned_cases.pruned_before, excluded.pruned_before);
{%- endmacro %}

{# The lines go, counted by file. #}
{% macro going_lines_counted(lines) -%}
    with gone as (
        {{ going_lines_deleted(lines) }}
    )
    insert into staging.pruned_lines as known
    {{ counted_by_file('gone') }}
    on conflict (source_file_id) do update set
        loaded_lines_count = known.loaded_lines_count + excluded.loaded_lines_count,
        incomplete_lines_count = known.incomplete_lines_count + excluded.incomplete_lines_count,
        duplicate_lines_count = known.duplicate_lines_count + excluded.duplicate_lines_count,
        refused_lines_count = known.refused_lines_count + excluded.refused_lines_count,
        erased_lines_count = known.erased_lines_count + excluded.erased_lines_count;
{%- endmacro %}

{# How many lines of a file went, as staging.pruned_lines has it. #}
{% macro counted_by_file(lines) -%}
    select
        source_file_id,
        count(*) filter (where copy_number = 1),
        count(*) filter (where copy_number = 1 and not is_complete),
        count(*) filter (where copy_number > 1),
        count(*) filter (where copy_number = 0),
        count(*) filter (where copy_number = -1)
    from {{ lines }}
    group by source_file_id
{%- endmacro %}

{# The lines of the cases that go, and lines that were refused, whose loads are old. #}
{% macro going_lines_deleted(lines) -%}
    delete from {{ lines }} as lines
    using (
        select lines.ctid as place
        from {{ lines }} as lines
        left join going
            on going.kind = {{ case_kind('lines') }} and going.tenant_id = lines.tenant_id and going.case_id = {{ case_id('lines') }}
        where
            lines.load_id in (select load_id from old_loads)
            and (lines.copy_number <= 0 or lines.occurred_at < going.pruned_before)
            and ({{ is_review_of_kept_audit(lines) }}) is not true
    ) as leaving
    where lines.ctid = leaving.place
    returning lines.source_file_id, lines.copy_number, lines.is_complete
{%- endmacro %}

{# Whether a line reviews an audit that stays: it names no session, and leaves with the session that its audit names. #}
{% macro is_review_of_kept_audit(lines) -%}
    lines.event = 'quality.audit_reviewed'
    and (lines.tenant_id, {{ json_key('lines.payload', 'audit_id') }}) in (
        select audits.tenant_id, {{ json_key('audits.payload', 'audit_id') }}
        from {{ lines }} as audits
        where
            audits.event = 'quality.audit_created'
            and (audits.tenant_id, audits.session_id) not in (select tenant_id, case_id from going where kind = 'session')
    )
{%- endmacro %}

{# The rows of the models that hold details of such cases. #}
{% macro going_rows_deleted() -%}
    {% for node in graph.nodes.values() if node.config.meta.pruned_with in ('session', 'ticket', 'thread') -%}
    delete from {{ api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias) }}
    where (tenant_id, {{ node.config.meta.pruned_with }}_id) in (
        select tenant_id, case_id from going where kind = '{{ node.config.meta.pruned_with }}'
    );
    {% endfor %}
{%- endmacro %}

{#
    Of agents, who are cut at a login, what comes before it goes: rows by the instant that `placed_by` names, and days of which no
    line is left.
#}
{% macro gone_agents_deleted(lines) -%}
    {% for node in graph.nodes.values() if node.config.meta.pruned_with == 'agent' -%}
    delete from {{ api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias) }} as agents
    {% if node.config.meta.placed_by -%}
    using going
    where
        going.kind = 'agent' and going.tenant_id = agents.tenant_id and going.case_id = agents.agent_id
        and agents.{{ node.config.meta.placed_by }} < going.pruned_before;
    {%- else -%}
    where not exists (select 1 from {{ lines }} as lines where {{ is_of_agent_day('lines', 'agents') }});
    {%- endif %}
    {% endfor %}
{%- endmacro %}
