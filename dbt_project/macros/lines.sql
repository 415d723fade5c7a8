{# The columns of a loaded line. relation: alias of raw.events or of its built form, where the name as written is kept. #}
{% macro line_columns(relation, event='event') -%}
    {{ relation }}.event_id,
    {{ relation }}.{{ event }} as event_as_written,
    {{ relation }}.occurred_at,
    {{ relation }}.product,
    {{ relation }}.tenant_id,
    {{ relation }}.schema_version,
    {{ relation }}.emitter_id,
    {{ relation }}.seq,
    {{ relation }}.payload,
    {{ relation }}.load_id,
    {{ relation }}.source_file_id,
    {{ relation }}.line_number
{%- endmacro %}

{# Whether a payload has all `required_fields` of its event, a column; true where the event is unknown. payload: a column. #}
{% macro has_required_fields(payload) -%}
    coalesce({{ json_has_fields(payload, 'required_fields') }}, true)
{%- endmacro %}

{# Of a CTE that is read twice: of a whole history it is cheaper to compute rows twice than to write them down in between. #}
{% macro computed_twice() -%}
    {{ return(adapter.dispatch('computed_twice')()) }}
{%- endmacro %}

{% macro postgres__computed_twice() -%}
    not materialized
{%- endmacro %}

{# DuckDB decides by itself, and does not bind all that it is told to copy. #}
{% macro duckdb__computed_twice() -%}
{%- endmacro %}

{# The end of a CTE: its expressions are computed for each row, not for each of the aggregates that read them. #}
{% macro computed_once() -%}
    offset 0
{%- endmacro %}

{# Lines that came since the last build. built: the relation of lines that are built. #}
{% macro lines_of_unbuilt_loads(built) -%}
    with unbuilt as (
        -- By load and not by the highest id: a load with a lower id may have been committed after the last build.
        select loads.load_id, loads.loaded_on
        from {{ source('raw', 'loads') }} as loads where not {{ is_load_built('loads', built) }}
    )

    select {{ line_columns('events') }}
    from {{ source('raw', 'events') }} as events
    -- Older partitions are not looked into.
    where events.loaded_on >= (select min(loaded_on) from unbuilt) and events.load_id in (select load_id from unbuilt)
{%- endmacro %}

{#
    Events of which the lines that are built take part again: one that has come once more, since the first in load order wins,
    and one that is read otherwise since (it was unknown then, or other fields of it were required).
    built: the relation of lines that are built; arrived: the CTE of those that are not; names: that of the events' names.
#}
{% macro reopened_events(built, arrived, names) -%}
    select event_id from {{ arrived }}
    union
    select built.event_id
    from {{ built }} as built
    inner join {{ names }} using (event_as_written)
    where
        not built.is_known_event
        {% if last_mark().is_outdated %} or built.is_complete != {{ has_required_fields('built.payload') }} {% endif %}
{%- endmacro %}

{#
    Places and copy numbers of the events that came more than once: the first in load order is the event. Ids are sorted, not hashed, since
    they begin with their time and most are in order.

    lines: relation of them; condition: which of them take part.
#}
{% macro ranked_copies(lines, condition) -%}
    select
        load_id, source_file_id, line_number,
        row_number() over (partition by event_id order by load_id, source_file_id, line_number) as copy_number
    from {{ lines }}
    where {{ condition }} and event_id in (
        select event_id
        from (
            select event_id, lag(event_id) over (order by event_id) as event_id_before
            from {{ lines }}
            where {{ condition }}
        ) as ordered
        where event_id = event_id_before
    )
{%- endmacro %}

{#
    post-hook: numbers the copies in a table that is made anew, in the transaction that makes it, so of the very lines that it has. Ranked in
    the query that makes it, they would keep that query in one process; so would they in the update, hence the table between.
#}
{% macro number_copies() -%}
    {% if not is_incremental() -%}
    create temporary table copies as
    select * from ({{ ranked_copies(this, 'copy_number = 1') }}) as ranked where copy_number > 1;
    update {{ this }} as lines
    set copy_number = copies.copy_number
    from copies
    where
        (lines.load_id, lines.source_file_id, lines.line_number)
        = (copies.load_id, copies.source_file_id, copies.line_number);
    drop table copies
    {%- endif %}
{%- endmacro %}

{# pre-hook: a table that is made anew is read and put together by several processes, though each of its rows goes to the one that writes it. #}
{% macro read_in_parallel() -%}
    {{ return(adapter.dispatch('read_in_parallel')()) }}
{%- endmacro %}

{% macro postgres__read_in_parallel() -%}
    {{ 'select 1' if is_incremental() else 'set local parallel_tuple_cost = 0' }}
{%- endmacro %}

{% macro duckdb__read_in_parallel() -%}
{%- endmacro %}

{#
    post-hook: indexes that dbt has no words for. Events with their copies, and the places of lines, which are unique: a test would read
    all lines before anything can be built from them. Rows that bear the key of a case, for each of some columns (the key before the tenant,
    of which there are few); those of agents, and their logins, by day, since the work of an agent never ends; those of audits, which a
    review names by nothing else; the few of events that the contract does not have, or that are refused.
#}
{% macro line_indexes(columns) -%}
    {{ return(adapter.dispatch('line_indexes')(columns)) }}
{%- endmacro %}

{# Without names, and on a new table alone: those of the table that it replaces are still taken then. The first needs the copies to be numbered. #}
{% macro postgres__line_indexes(columns) -%}
    {% if not is_incremental() -%}
    create unique index on {{ this }} (event_id, copy_number);
    create unique index on {{ this }} (load_id, source_file_id, line_number);
    {% for column in columns %}
    create index on {{ this }} ({{ column }}, tenant_id) where {{ column }} is not null;
    {% endfor %}
    create index on {{ this }} (agent_id, ({{ utc_date('occurred_at') }})) where agent_id is not null;
    create index on {{ this }} (agent_id, ({{ utc_date('occurred_at') }})) where event = 'agent.login';
    create index on {{ this }} (({{ json_key('payload', 'audit_id') }})) where {{ is_of_audit() }};
    create index on {{ this }} (event_as_written) where not is_known_event or copy_number <= 0
    {%- endif %}
{%- endmacro %}

{# DuckDB has no partial indexes, and is too small to need them. #}
{% macro duckdb__line_indexes(columns) -%}
{%- endmacro %}
