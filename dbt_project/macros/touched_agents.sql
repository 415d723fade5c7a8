{#
    What an agent does is computed anew by day in UTC, and a shift with the day of its login: see int_agent_days_touched.
#}

{# Whether a line tells what a human agent did at the workbench. lines: alias of built lines, where it is needed. #}
{% macro is_of_agent(lines='') -%}
    {%- set alias = lines ~ '.' if lines else '' -%}
    {{ alias }}agent_id is not null and {{ alias }}event like 'agent.%'
{%- endmacro %}

{# Whether a line begins a shift: a copy, or a line that lacks something, does not. lines: alias of built lines. #}
{% macro is_login(lines) -%}
    {{ lines }}.event = 'agent.login' and {{ lines }}.copy_number = 1 and {{ lines }}.is_complete
{%- endmacro %}

{# Whether a line is of an agent's day. lines: alias of built lines; days: alias of what has tenant_id, agent_id and utc_date. #}
{% macro is_of_agent_day(lines, days) -%}
    {{ is_of_agent(lines) }} and {{ lines }}.tenant_id = {{ days }}.tenant_id and {{ lines }}.agent_id = {{ days }}.agent_id
    and {{ utc_date(lines ~ '.occurred_at') }} = {{ days }}.utc_date
{%- endmacro %}

{#
    Whether the agent and the day of a row are among those of a query, as two lists, which reach the index of the lines: more rows
    than asked for, since each agent is combined with each day. days: a relation with agent_id and utc_date.
#}
{% macro are_agent_days_listed(days, where='true') -%}
    {{ is_listed('agent_id', 'select agent_id from ' ~ days ~ ' where ' ~ where) }}
    and {{ is_listed(utc_date('occurred_at'), 'select utc_date from ' ~ days ~ ' where ' ~ where) }}
{%- endmacro %}

{# The end of a `where` of lines: of the days that a CTE names. #}
{% macro and_agent_day_in(days) -%}
    {% if is_incremental() -%}
    and (tenant_id, agent_id, {{ utc_date('occurred_at') }}) in (select tenant_id, agent_id, utc_date from {{ days }})
    {%- if not last_mark().is_outdated %}
    and {{ are_agent_days_listed(days) }}
    {%- endif %}
    {%- endif %}
{%- endmacro %}

{# A `where` for a view of agents' events: of the days that were touched since the model's last build. #}
{% macro only_touched_agent_days() -%}
    {%- set ledger, is_touched = ref('int_agent_days_touched'), 'build_id > ' ~ last_mark().build_id -%}
    {% if is_incremental() -%}
    where
        (tenant_id, agent_id, {{ utc_date('occurred_at') }}) in (
            select tenant_id, agent_id, utc_date from {{ ledger }} where {{ is_touched }}
        )
        {%- if not last_mark().is_outdated %}
        and {{ are_agent_days_listed(ledger, is_touched) }}
        {%- endif %}
    {%- endif %}
{%- endmacro %}

{#
    A `where` for a relation with the alias `steps`: what agents did from the first of their touched days on, since what comes after it may
    be of its shift. at: the column with the instant.
#}
{% macro only_since_touched_days(at) -%}
    {%- set ledger, is_touched = ref('int_agent_days_touched'), 'touched.build_id > ' ~ last_mark().build_id -%}
    {% if is_incremental() -%}
    where
        exists (
            select 1 from {{ ledger }} as touched
            where
                touched.tenant_id = steps.tenant_id and touched.agent_id = steps.agent_id
                and touched.utc_date <= {{ utc_date('steps.' ~ at) }} and {{ is_touched }}
        )
        {%- if not last_mark().is_outdated %}
        and {{ is_listed('agent_id', 'select agent_id from ' ~ ledger ~ ' as touched where ' ~ is_touched) }}
        and {{ at }} >= {{ midnight('(select min(touched.utc_date) from ' ~ ledger ~ ' as touched where ' ~ is_touched ~ ')') }}
        {%- endif %}
    {%- endif %}
{%- endmacro %}

{# The end of a `where`: the shift began on one of the touched days. utc_date: a column. #}
{% macro and_login_touched(utc_date) -%}
    {%- set ledger = ref('int_agent_days_touched') -%}
    {% if is_incremental() -%}
    and (tenant_id, agent_id, {{ utc_date }}) in (
        select touched.tenant_id, touched.agent_id, touched.utc_date
        from {{ ledger }} as touched
        where touched.build_id > {{ last_mark().build_id }}
    )
    {%- endif %}
{%- endmacro %}

{#
    A pre-hook that deletes the shifts of the touched days, but for those whose events are pruned. They are found by agent and
    start, by which both models of shifts have an index.
#}
{% macro forget_touched_shifts() -%}
    {%- set ledger, is_touched = ref('int_agent_days_touched'), 'build_id > ' ~ last_mark().build_id -%}
    {{ untouched_noted(['int_agent_days_touched']) }}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where
        (tenant_id, agent_id, {{ utc_date('started_at') }}) in (
            select tenant_id, agent_id, utc_date from {{ ledger }} where {{ is_touched }}
        )
        {%- if not last_mark().is_outdated %}
        and {{ is_listed('agent_id', 'select agent_id from ' ~ ledger ~ ' where ' ~ is_touched) }}
        and started_at >= {{ midnight('(select min(utc_date) from ' ~ ledger ~ ' where ' ~ is_touched ~ ')') }}
        {%- endif %}
        {{ but_pruned_shifts('started_at') }}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{# A `where` for int_agent_shift_steps_bounded: the shifts that were computed since the model's last build. #}
{% macro only_computed_shifts() -%}
    {% if is_incremental() -%}
    where build_id > {{ last_mark().build_id }}
    {%- endif %}
{%- endmacro %}
