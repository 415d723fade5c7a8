{#
    What `loader erase` took out of raw, kept out of the warehouse (see "Erasure" in docs/operations.md). Who is erased stands
    in `raw.erased_cases` as keyed hashes: what arrives for them is refused, like what arrives for a pruned case.
#}

{# The table of this bookkeeping, if it is not there. #}
{% macro erasures_table() -%}
    create table if not exists staging.erasures_followed (
        erasure_id bigint primary key,
        build_id bigint not null
    );
{%- endmacro %}

{# Whether anybody has been erased. #}
{% macro has_erased() -%}
    {{ return(
        execute
        and flags.WHICH in ('build', 'run', 'retry')
        and run_query('select 1 from ' ~ source('raw', 'erased_cases') ~ ' limit 1').rows | length > 0
    ) }}
{%- endmacro %}

{# What is erased by its id. #}
{% macro erased_kinds() -%}
    {{ return(['session', 'ticket', 'thread', 'customer', 'contact']) }}
{%- endmacro %}

{# The id of a kind that a line bears. lines: alias of keyed lines. #}
{% macro erased_key(lines, kind) -%}
    {%- if kind in ('session', 'ticket') -%}
        {{ lines }}.{{ kind }}_id
    {%- else -%}
        {{ json_text(lines ~ '.known_payload', kind ~ '_id') }}
    {%- endif -%}
{%- endmacro %}

{# The erased ids of a kind among lines that have just arrived. #}
{% macro erased_keys(lines, kind) -%}
    select keys.tenant_id, keys.key_id, erased.erased_before
    from (
        -- distinct: an id is in many lines.
        select distinct arrivals.tenant_id, {{ erased_key('arrivals', kind) }} as key_id
        from {{ lines }} as arrivals
        where arrivals.is_arrival and {{ erased_key('arrivals', kind) }} is not null
    ) as keys
    inner join {{ source('raw', 'erased_cases') }} as erased
        on erased.case_hash = {{ case_hash("'" ~ kind ~ "'", 'keys', 'keys.key_id') }}
{%- endmacro %}

{# Lines with `is_erased`: they have just arrived, and are about someone who is erased. lines: a CTE with `is_arrival`. #}
{% macro with_erasures(lines) -%}
    {% if has_erased() -%}
    select
        lines.*,
        coalesce(
            lines.is_arrival
            and lines.occurred_at < greatest({% for kind in erased_kinds() %}of_{{ kind }}.erased_before{{ ', ' if not loop.last }}{% endfor %}),
            false
        ) as is_erased
    from {{ lines }} as lines
    {% for kind in erased_kinds() -%}
    left join ({{ erased_keys(lines, kind) }}) as of_{{ kind }}
        on of_{{ kind }}.tenant_id = lines.tenant_id and of_{{ kind }}.key_id = {{ erased_key('lines', kind) }}
    {% endfor %}
    {%- else -%}
    select lines.*, false as is_erased from {{ lines }} as lines
    {%- endif %}
{%- endmacro %}

{# How many lines of a load of raw.loads have been erased from raw.events. #}
{% macro erased_of_load(loads) -%}
    (
        select count(*) from {{ source('raw', 'erased_lines') }} as erased
        where erased.load_id = {{ loads }}.load_id and erased.held_in = 'events'
    )
{%- endmacro %}
