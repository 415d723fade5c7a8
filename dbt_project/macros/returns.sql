{# Whether what ended at an instant is older than so many hours; false where it has not ended. #}
{% macro is_mature(ended_at, hours) -%}
    coalesce({{ minutes_after(ended_at, 60 * hours) }} < {{ as_of() }}, false)
{%- endmacro %}

{#
    Sessions that have come to be older than 24, 72 or 168 hours since this model's last build. From where returns count is never later
    than the first end, by which there is an index.
#}
{% macro matured_sessions() -%}
    {%- set last_as_of, returns_from_at = last_mark().as_of, 'coalesce(sessions.ai_resolved_at, sessions.first_ended_at)' -%}
    select sessions.session_id
    from {{ ref('fct_sessions') }} as sessions
    where
        sessions.first_ended_at >= {{ minutes_after(last_as_of, -60 * 168) }}
        and (
            {%- for hours in (24, 72, 168) %}
            {{ 'or ' if not loop.first }}{{ is_mature(returns_from_at, hours) }}
            and {{ minutes_after(returns_from_at, 60 * hours) }} >= {{ last_as_of }}
            {%- endfor %}
        )
{%- endmacro %}

{# Whether nobody came back within so many hours, the last instant included; null while it is not as old as that. #}
{% macro is_durable(ended_at, returned_at, hours) -%}
    case
        when {{ is_mature(ended_at, hours) }} then coalesce({{ minutes_after(ended_at, 60 * hours) }} < {{ returned_at }}, true)
    end
{%- endmacro %}

{#
    The sessions whose returns a build computes: those that were touched, those of customers with a touched session or ticket, those
    from which a touched ticket came, those that have matured since. More than these (the same ids of another tenant) does no harm.

    A `where` for the fact.
#}
{% macro only_touched_returns() -%}
    {%- set sessions, customers = sessions_to_return_to(), customers_to_return() -%}
    {% if is_incremental() and not last_mark().is_outdated -%}
    where (
        {{ is_listed('session_id', sessions) }}
        or {{ is_listed('customer_hash', customers) }}
    )
    {%- endif %}
{%- endmacro %}

{# A condition on a table with sessions or customers: only those of these sessions. column: session_id or customer_hash; sessions: a CTE. #}
{% macro is_of_touched_return(column, sessions) -%}
    {% if is_incremental() and not last_mark().is_outdated -%}
    {{ is_listed(column, 'select ' ~ column ~ ' from ' ~ sessions) }}
    {%- else -%}
    {{ column }} is not null
    {%- endif %}
{%- endmacro %}

{#
    A pre-hook that deletes the rows of touched sessions, of which there may be none any more. Those of the others are replaced where they
    are other than before (see changed_returns): most sessions of a customer who comes back stay what they were.
#}
{% macro forget_touched_returns() -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    {%- if not last_mark().is_outdated %}
    where {{ is_listed('session_id', touched_ids('session')) }}
    {%- endif %}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{#
    Rows that are new or differ from the table's, with the build that last changed what they count, by which days are counted anew: the row of
    a session of months ago comes to name the customer's next one, and counts what it did. rows: a CTE with all columns but `build_id`, by
    their names, since the table has them in the order in which they came.
#}
{% macro changed_returns(rows) -%}
    {% if is_incremental() and not last_mark().is_outdated -%}
    {%- set columns, counted = model.columns | reject('equalto', 'build_id') | join(', '), counted_of_row('session_returns') -%}
    select
        {{ columns }},
        coalesce(case when changed.counted = present.counted then present.build_id end, {{ current_build() }}) as build_id
    from (select *, {{ counted }} as counted, row({{ columns }}) as whole from {{ rows }}) as changed
    left join (
        select tenant_id, session_id, build_id, {{ counted }} as counted, row({{ columns }}) as whole
        from {{ this }} where {{ is_listed('session_id', 'select session_id from ' ~ rows) }}
    ) as present using (tenant_id, session_id)
    where changed.whole is distinct from present.whole
    {%- else -%}
    select *, {{ current_build() }} as build_id from {{ rows }}
    {%- endif %}
{%- endmacro %}

{# Sessions that were touched, those that have matured, and those that any line of a touched ticket names. #}
{% macro sessions_to_return_to() -%}
    {{ touched_ids('session') }}
    union
    {{ matured_sessions() }}
    union
    select lines.session_id
    from {{ ref('base_event_lines') }} as lines
    where lines.event = 'ticket.created' and {{ is_listed('lines.ticket_id', touched_ids('ticket')) }}
{%- endmacro %}

{# Customers that any line of a touched session or ticket names, also one that is no longer the event. #}
{% macro customers_to_return() -%}
    select {{ keyed_hash(json_text('lines.payload', 'customer_id')) }}
    from {{ ref('base_event_lines') }} as lines
    where lines.event = 'session.start' and {{ is_listed('lines.session_id', touched_ids('session')) }}
    union
    select {{ keyed_hash(json_text('lines.payload', 'customer_id')) }}
    from {{ ref('base_event_lines') }} as lines
    where lines.event = 'ticket.created' and {{ is_listed('lines.ticket_id', touched_ids('ticket')) }}
{%- endmacro %}

{# Ids of the sessions or tickets that were touched since the model's last build. case: `session` or `ticket`. #}
{% macro touched_ids(case) -%}
    select touched.{{ case }}_id from {{ ref('int_' ~ case ~ 's_touched') }} as touched where touched.build_id > {{ last_mark().build_id }}
{%- endmacro %}

{# Days whose returns are counted anew: those of touched sessions, and those of returns that count otherwise than before. #}
{% macro only_touched_return_days() -%}
    {%- set days = touched_days('session') ~ ' union ' ~ changed_return_days() -%}
    {% if is_incremental() and not last_mark().is_outdated -%}
    where (tenant_id, session_date) in (
        {{ days }}
    )
    {%- endif %}
{%- endmacro %}

{# Tenants and days of the sessions whose returns count otherwise than in this model's last build. #}
{% macro changed_return_days() -%}
    select tenant_id, session_date as touched_date from {{ ref('fct_session_returns') }} where build_id > {{ last_mark().build_id }}
{%- endmacro %}

{# A pre-hook that deletes the rows of the same days. #}
{% macro forget_touched_return_days() -%}
    {{ untouched_noted(['int_sessions_touched', 'fct_session_returns']) }}
    {%- if is_incremental() -%}
    delete from {{ this }}
    {{ only_touched_return_days() }}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}
