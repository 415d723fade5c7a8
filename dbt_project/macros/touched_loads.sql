{#
    What is counted by the load, or by its day: lines that came, whatever they are about. The loads of which lines were built since
    are counted anew, but for those of days before the cutoff of a pruning that was followed: their lines are gone.
#}

{# Numbers of the loads of which lines were built since this model's last build; of all where the rules have changed. #}
{% macro touched_loads() -%}
    select loads.load_id
    from {{ ref('stg_pipeline__loads') }} as loads
    where
        {{ is_unpruned_load_day('loads.loaded_on') }}
        {%- if is_incremental() and not last_mark().is_outdated %}
        -- distinct: a load has many lines.
        and {{ is_listed('loads.load_id', 'select distinct load_id from ' ~ ref('base_event_lines') ~ ' where build_id > ' ~ last_mark().build_id) }}
        {%- endif %}
{%- endmacro %}

{# The days in UTC of these loads. #}
{% macro touched_load_days() -%}
    select loaded_on from {{ ref('stg_pipeline__loads') }} where load_id in ({{ touched_loads() }})
{%- endmacro %}

{# All loads of these days. #}
{% macro loads_of_touched_days() -%}
    select load_id from {{ ref('stg_pipeline__loads') }} where loaded_on in ({{ touched_load_days() }})
{%- endmacro %}

{# A `where` for lines: those of such loads, a query of their numbers. #}
{% macro only_of_loads(loads) -%}
    {% if is_incremental() and not last_mark().is_outdated -%}
    where {{ is_listed('load_id', loads) }}
    {%- elif has_pruned() -%}
    where load_id in ({{ loads }})
    {%- endif %}
{%- endmacro %}

{# A pre-hook that deletes the rows of touched loads, or of their days. column: of the model; touched: a query of its values. #}
{% macro forget_counted(column, touched) -%}
    {{ untouched_noted(['base_event_lines']) }}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where {{ column }} in ({{ touched }})
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{# Whether a day of loads still has all of its lines. day: a date expression. #}
{% macro is_unpruned_load_day(day) -%}
    {% if has_pruned() -%}
    {{ day }} >= (select max(followed.cutoff) from staging.prunings_followed as followed)
    {%- else -%}
    true
    {%- endif %}
{%- endmacro %}
