{#
    Which cases a pruning lets go, found in the transaction that follows it. lines: relation of built lines; cutoff: a date
    expression, of a day in UTC.

    Leaves two temporary tables: `old_loads`, the loads from before the cutoff; and `going`, cases with the instant before which
    their lines go.
#}
{% macro going_found(lines, cutoff) -%}
    create temporary table old_loads on commit drop as select load_id from raw.loads where loaded_on < {{ cutoff }};
    analyze old_loads;
    create temporary table going (kind text, tenant_id text, case_id text, pruned_before timestamptz) on commit drop;
    {{ going_cases(lines, 'session', cutoff) }}
    {{ going_cases(lines, 'ticket', cutoff) }}
    {{ going_cases(lines, 'thread', cutoff) }}
    {{ going_cases(lines, 'contact', cutoff) }}
    {{ going_agents(lines, cutoff) }}
    {{ going_of_no_case(lines, cutoff) }}
    analyze going;
{%- endmacro %}

{# From when on time alone changes nothing about a case any more, inside a `group by` of its lines. #}
{% macro case_settled_at(lines, kind) -%}
    {{ thread_settled_at(lines) if kind == 'thread' else minutes_after('max(' ~ lines ~ '.occurred_at)', var('session_timeout_minutes')) }}
{%- endmacro %}

{#
    Sessions, tickets, threads or contacts all of whose lines were loaded, and have happened, before the cutoff, and that are not open
    any more. A contact has the lines of its threads as well.
#}
{% macro going_cases(lines, kind, cutoff) -%}
    {%- set column = case_column(kind) -%}
    insert into going
    select '{{ kind }}', lines.tenant_id, lines.{{ column }}, 'infinity'
    from {{ lines }} as lines
    where lines.load_id in (select load_id from old_loads) and {{ case_kind('lines') }} = '{{ kind }}'
    group by lines.tenant_id, lines.{{ column }}
    having
        {{ case_settled_at('lines', kind) }} <= {{ midnight(cutoff) }}
        and not exists (
            select 1 from {{ lines }} as later
            where
                later.tenant_id = lines.tenant_id and later.{{ column }} = lines.{{ column }}
                {{ 'and ' ~ case_kind('later') ~ " = '" ~ kind ~ "'" if kind != 'contact' }}
                and later.load_id not in (select load_id from old_loads)
        );
{%- endmacro %}

{# Agents: what happened before the last login before their limit (see `agent_lines_limited`); of those who have gone, all. #}
{% macro going_agents(lines, cutoff) -%}
    insert into going
    select 'agent', tenant_id, agent_id, pruned_before
    from (
        select
            old.tenant_id, old.agent_id,
            case
                when bool_and(old.occurred_at < old.limit_at) and not {{ is_agent_seen_since('old', lines, cutoff) }}
                    then {{ midnight(cutoff) }}
                else max(old.occurred_at) filter (where old.event = 'agent.login' and old.occurred_at <= old.limit_at)
            end as pruned_before
        from (
            {{ agent_lines_limited(lines, cutoff) }}
        ) as old
        group by old.tenant_id, old.agent_id
    ) as agents
    where pruned_before is not null;
{%- endmacro %}

{# Lines of agents from before the cutoff with `limit_at`: the cutoff, or the agent's first line that was loaded since. #}
{% macro agent_lines_limited(lines, cutoff) -%}
    select
        lines.*,
        least(
            {{ midnight(cutoff) }},
            min(lines.occurred_at) filter (where lines.load_id not in (select load_id from old_loads))
                over (partition by lines.tenant_id, lines.agent_id)
        ) as limit_at
    from {{ lines }} as lines
    where lines.occurred_at < {{ midnight(cutoff) }} and {{ case_kind('lines') }} = 'agent'
{%- endmacro %}

{# Whether an agent has a line from the cutoff on. agents: alias of what has the tenant and the agent. #}
{% macro is_agent_seen_since(agents, lines, cutoff) -%}
    exists (
        select 1 from {{ lines }} as later
        where
            later.tenant_id = {{ agents }}.tenant_id and later.agent_id = {{ agents }}.agent_id and {{ case_kind('later') }} = 'agent'
            and later.occurred_at >= {{ midnight(cutoff) }}
    )
{%- endmacro %}

{# Events of no case. #}
{% macro going_of_no_case(lines, cutoff) -%}
    -- distinct: events of no case are many.
    insert into going
    select distinct 'none', lines.tenant_id, '', {{ midnight(cutoff) }}
    from {{ lines }} as lines
    where lines.load_id in (select load_id from old_loads) and {{ case_kind('lines') }} = 'none';
{%- endmacro %}
