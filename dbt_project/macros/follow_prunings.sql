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

{% macro pruning_followed(cutoff) -%}
    {%- set lines = api.Relation.create(database=target.database, schema='staging', identifier='base_event_lines') -%}
    begin;
    lock table staging.builds in exclusive mode;
    create temporary table old_loads on commit drop as select load_id from raw.loads where loaded_on < {{ cutoff }};
    analyze old_loads;
    create temporary table going (kind text, tenant_id text, case_id text, pruned_before timestamptz) on commit drop;
    {{ going_cases(lines, 'session', cutoff) }}
    {{ going_cases(lines, 'ticket', cutoff) }}
    {{ going_shifts(lines, cutoff) }}
    -- distinct: events of no case are many.
    insert into going
    select distinct 'none', lines.tenant_id, '', {{ midnight(cutoff) }}
    from {{ lines }} as lines
    where lines.load_id in (select load_id from old_loads) and {{ case_kind('lines') }} = 'none';
    analyze going;
    insert into staging.pruned_cases
    select {{ case_hash('going.kind', 'going', 'going.case_id') }}, going.pruned_before from going
    on conflict (case_hash) do update set pruned_before = greatest(pruned_cases.pruned_before, excluded.pruned_before);
    {{ gone_lines(lines) }}
    {% for node in graph.nodes.values() if node.config.meta.pruned_with -%}
    delete from {{ api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias) }}
    where (tenant_id, {{ node.config.meta.pruned_with }}_id) in (
        select tenant_id, case_id from going where kind = '{{ node.config.meta.pruned_with }}'
    );
    {% endfor %}
    insert into staging.prunings_followed values ({{ cutoff }}, {{ current_build() }});
    commit;
{%- endmacro %}

{# Sessions or tickets all of whose lines were loaded, and have happened, before the cutoff, and that are not open any more. #}
{% macro going_cases(lines, kind, cutoff) -%}
    insert into going
    select '{{ kind }}', lines.tenant_id, lines.{{ kind }}_id, 'infinity'
    from {{ lines }} as lines
    where lines.load_id in (select load_id from old_loads) and {{ case_kind('lines') }} = '{{ kind }}'
    group by lines.tenant_id, lines.{{ kind }}_id
    having
        {{ minutes_after('max(lines.occurred_at)', var('session_timeout_minutes')) }} <= {{ midnight(cutoff) }}
        and not exists (
            select 1 from {{ lines }} as later
            where
                later.tenant_id = lines.tenant_id and later.{{ kind }}_id = lines.{{ kind }}_id and {{ case_kind('later') }} = '{{ kind }}'
                and later.load_id not in (select load_id from old_loads)
        );
{%- endmacro %}

{# Agents: what happened before the last login before the cutoff, or before a line that was loaded since; of those who have gone, all. #}
{% macro going_shifts(lines, cutoff) -%}
    insert into going
    select 'agent', tenant_id, agent_id, pruned_before
    from (
        select
            old.tenant_id, old.agent_id,
            case
                when bool_and(old.occurred_at < old.limit_at) and not exists (
                    select 1 from {{ lines }} as later
                    where
                        later.tenant_id = old.tenant_id and later.agent_id = old.agent_id and {{ case_kind('later') }} = 'agent'
                        and later.occurred_at >= {{ midnight(cutoff) }}
                ) then {{ midnight(cutoff) }}
                else max(old.occurred_at) filter (where old.event = 'agent.login' and old.occurred_at <= old.limit_at)
            end as pruned_before
        from (
            select
                lines.*,
                least({{ midnight(cutoff) }}, min(lines.occurred_at) filter (where lines.load_id not in (select load_id from old_loads))
                    over (partition by lines.tenant_id, lines.agent_id)) as limit_at
            from {{ lines }} as lines
            where lines.occurred_at < {{ midnight(cutoff) }} and {{ case_kind('lines') }} = 'agent'
        ) as old
        group by old.tenant_id, old.agent_id
    ) as agents
    where pruned_before is not null;
{%- endmacro %}

{# The lines go, counted by file; so do lines that were refused, whose loads are old. #}
{% macro gone_lines(lines) -%}
    with gone as (
        delete from {{ lines }} as lines
        using (
            select lines.ctid as place
            from {{ lines }} as lines
            left join going
                on going.kind = {{ case_kind('lines') }} and going.tenant_id = lines.tenant_id and going.case_id = {{ case_id('lines') }}
            where
                lines.load_id in (select load_id from old_loads)
                and (lines.copy_number = 0 or lines.occurred_at < going.pruned_before)
        ) as leaving
        where lines.ctid = leaving.place
        returning lines.source_file_id, lines.copy_number, lines.is_complete
    )
    insert into staging.pruned_lines as known
    select
        source_file_id,
        count(*) filter (where copy_number = 1),
        count(*) filter (where copy_number = 1 and not is_complete),
        count(*) filter (where copy_number > 1),
        count(*) filter (where copy_number = 0)
    from gone
    group by source_file_id
    on conflict (source_file_id) do update set
        loaded_lines_count = known.loaded_lines_count + excluded.loaded_lines_count,
        incomplete_lines_count = known.incomplete_lines_count + excluded.incomplete_lines_count,
        duplicate_lines_count = known.duplicate_lines_count + excluded.duplicate_lines_count,
        refused_lines_count = known.refused_lines_count + excluded.refused_lines_count;
{%- endmacro %}
