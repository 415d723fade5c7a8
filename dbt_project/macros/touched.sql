{#
    The keys that a ledger must stamp anew: those of event lines that were built since the
    ledger's last build; those of events that were dated in the future then, and are not now; all of them where the rules have
    changed or "now" is earlier than it was.

    lines: relation of event lines, named itself in each part: of a CTE that is read thrice all lines would be written
    down; keys: columns of it; condition: which of its lines name a key.
#}
{% macro touched_keys(lines, keys, condition='true') -%}
    {% if is_incremental() -%}
    {%- set mark = last_mark() -%}
    select {{ keys }} from {{ lines }} where {{ condition }} and build_id > {{ mark.build_id }}
    union
    select {{ keys }} from {{ lines }} where {{ condition }} and occurred_at > {{ mark.as_of }} and occurred_at <= {{ as_of() }}
    {%- if mark.is_outdated %}
    union
    select {{ keys }} from {{ lines }} where {{ condition }}
    {%- endif %}
    {%- else -%}
    -- distinct: a key has many lines.
    select distinct {{ keys }} from {{ lines }} where {{ condition }}
    {%- endif %}
{%- endmacro %}

{#
    The keys that were touched since this model's last build, by a ledger with a `build_id`.

    A `where` for the import CTE of a table (one is enough where others are joined to it by the key). key: columns of the model.
#}
{% macro only_touched(ledger, key) -%}
    {% if is_incremental() -%}
    where ({{ key }}) in (select {{ key }} from {{ ledger }} as touched where touched.build_id > {{ last_mark().build_id }})
    {%- endif %}
{%- endmacro %}

{# The same for what stays when details are pruned: of living cases alone, also in a full refresh. #}
{% macro only_touched_of_kept(ledger, key) -%}
    {% if is_incremental() -%}
    {{ only_touched(ledger, key) }}
    {%- elif has_pruned() -%}
    where ({{ key }}) in (select {{ key }} from {{ ledger }})
    {%- endif %}
{%- endmacro %}

{#
    The same with the first column after the tenant once more as a list, which reaches indexes that a join does not: those below a view with
    CTEs, which is planned apart, and those of a table where joins are hashed (`meta: {joins: hashed}`). Not needed when everything is touched.
#}
{% macro only_touched_by_list(ledger, key) -%}
    {% if is_incremental() -%}
    {%- set mark = last_mark() -%}
    {%- set column = key.split(', ') | reject('equalto', 'tenant_id') | first -%}
    where ({{ key }}) in (select {{ key }} from {{ ledger }} as touched where touched.build_id > {{ mark.build_id }})
    {%- if not mark.is_outdated %}
    and {{ is_listed(column, 'select ' ~ column ~ ' from ' ~ ledger ~ ' as touched where touched.build_id > ' ~ mark.build_id) }}
    {%- endif %}
    {%- endif %}
{%- endmacro %}

{# Whether a column is among the values of a query, for PostgreSQL's indexes: a list is carried down to them, a join is not. #}
{% macro is_listed(column, query) -%}
    {{ return(adapter.dispatch('is_listed')(column, query)) }}
{%- endmacro %}

{% macro postgres__is_listed(column, query) -%}
    {{ column }} = any(array({{ query }}))
{%- endmacro %}

{# DuckDB carries joins into views by itself. #}
{% macro duckdb__is_listed(column, query) -%}
    {{ column }} in ({{ query }})
{%- endmacro %}

{# A pre-hook that deletes the rows of the same keys, of which there may be none. ledger: its name; key: columns of the model. #}
{% macro forget_touched(ledger, key) -%}
    {{ untouched_noted([ledger]) }}
    {%- if is_incremental() -%}
    delete from {{ this }}
    {{ only_touched_by_list(ref(ledger), key) }}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{#
    The same for days: those of the touched keys, carried down to the index of the lines as a list. Where the rules have
    changed it is all days, since what counted on a day may count on another now, which is not the day of any event any more.

    case: whose days, `session` or `ticket`; key: the model's tenant and date; also: a query of more of them.
#}
{% macro only_touched_days(case, key, also='') -%}
    {%- set days = touched_days(case) -%}
    {% if is_incremental() and not last_mark().is_outdated -%}
    where ({{ key }}) in (
        {{ days }}
        {{ 'union all ' ~ also if also }}
    )
    {%- endif %}
{%- endmacro %}

{#
    Tenants and dates of all events of the keys that were touched since the model's last build. case: as above; of tickets those that
    a line touched: those that are computed anew because "now" goes on count as before, but for their clocks.
#}
{% macro touched_days(case) -%}
    {%- set days, ledger = ref('int_' ~ case ~ '_days_touched'), ref('int_' ~ case ~ 's_touched') -%}
    {%- set mark, build = last_mark(), 'named_build_id' if case == 'ticket' else 'build_id' -%}
    select tenant_id, touched_date
    from {{ days }} as touched
    where
        touched.build_id > {{ mark.build_id }}
        and {{ is_listed(case ~ '_id', 'select ' ~ case ~ '_id from ' ~ ledger ~ ' where ' ~ build ~ ' > ' ~ mark.build_id) }}
{%- endmacro %}

{# The days of the clocks that go on with "now": of the tickets that were touched since the model's last build. #}
{% macro days_of_going_clocks() -%}
    {% if is_incremental() -%}
    select tenant_id, started_date
    from {{ ref('fct_ticket_sla') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
    and stopped_at is null
    {%- endif %}
{%- endmacro %}

{# A `where`: the months of these days. case: as above; month: a column of the model, or an expression. #}
{% macro only_months_of_touched_days(case, month) -%}
    {%- set days = touched_days(case) -%}
    {% if is_incremental() and not last_mark().is_outdated -%}
    where (tenant_id, {{ month }}) in (select tenant_id, {{ month_of('touched_date') }} from ({{ days }}) as days)
    {%- endif %}
{%- endmacro %}

{# A pre-hook that deletes the rows of these months. #}
{% macro forget_months_of_touched_days(case) -%}
    {{ untouched_noted(['int_' ~ case ~ 's_touched']) }}
    {%- if is_incremental() -%}
    delete from {{ this }}
    {{ only_months_of_touched_days(case, 'month') }}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{# A pre-hook that deletes the rows of the same days. #}
{% macro forget_touched_days(case, key, also='') -%}
    {{ untouched_noted(['int_' ~ case ~ 's_touched']) }}
    {%- if is_incremental() -%}
    delete from {{ this }}
    {{ only_touched_days(case, key, also) }}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{#
    A pre-hook for a model that is computed wholly where it is outdated: its rows go first, unless their events are pruned. ledgers: names of
    what it is made of, where that is all.
#}
{% macro forget_outdated(ledgers=[]) -%}
    {{ untouched_noted(ledgers) if ledgers }}
    {% if is_incremental() and last_mark().is_outdated and not has_pruned() -%}
    delete from {{ this }}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}
