{#
    What is counted by the day of the load: lines that came, whatever they are about. The days of the loads of which lines were
    built since are counted anew, but for those before the cutoff of a pruning that was followed: their lines are gone.
#}

{# The days in UTC of the loads of lines that were built since this model's last build; all where the rules have changed. #}
{% macro touched_load_days() -%}
    select loads.loaded_on
    from {{ ref('stg_pipeline__loads') }} as loads
    where
        {{ is_unpruned_load_day('loads.loaded_on') }}
        {%- if is_incremental() and not last_mark().is_outdated %}
        and {{ is_listed('loads.load_id', 'select load_id from ' ~ ref('base_event_lines') ~ ' where build_id > ' ~ last_mark().build_id) }}
        {%- endif %}
{%- endmacro %}

{# A `where` for lines: those of the loads of these days. #}
{% macro only_touched_load_days() -%}
    {% if is_incremental() and not last_mark().is_outdated -%}
    where {{ is_listed('load_id', 'select load_id from ' ~ ref('stg_pipeline__loads') ~ ' where loaded_on in (' ~ touched_load_days() ~ ')') }}
    {%- elif has_pruned() -%}
    where load_id in (select load_id from {{ ref('stg_pipeline__loads') }} where {{ is_unpruned_load_day('loaded_on') }})
    {%- endif %}
{%- endmacro %}

{# A pre-hook that deletes the rows of these days. #}
{% macro forget_touched_load_days() -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    where loaded_on in ({{ touched_load_days() }})
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
