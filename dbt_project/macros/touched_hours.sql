{#
    API errors outside of all sessions are no case: they are counted by hour. The hours that arrived lines name are counted anew, but
    for those before a cutoff that a pruning has reached: of them lines are gone, and what arrives for them is refused.
#}

{# The hours of lines that were built since this model's last build: rows of tenant_id and hour_started_at. #}
{% macro touched_hours() -%}
    {{ touched_keys(
        ref('base_event_lines'),
        'tenant_id, ' ~ hour_of('occurred_at') ~ ' as hour_started_at',
        "event = 'api.error' and session_id is null"
    ) }}
{%- endmacro %}

{# A pre-hook that deletes the rows of these hours; all that can be counted anew where the rules have changed. #}
{% macro forget_touched_hours() -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    where
        {{ is_unpruned_hour(this.identifier) }}
        {% if not last_mark().is_outdated -%}
        and (tenant_id, hour_started_at) in (select tenant_id, hour_started_at from ({{ touched_hours() }}) as touched)
        {%- endif %}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{# Whether no line of an hour has been pruned. rows: alias of what has the tenant and the hour. #}
{% macro is_unpruned_hour(rows) -%}
    {% if has_pruned() -%}
    not exists (
        select 1 from staging.pruned_cases as pruned
        where
            pruned.case_hash = {{ case_hash("'none'", rows, "''") }}
            and {{ rows }}.hour_started_at < pruned.pruned_before
    )
    {%- else -%}
    true
    {%- endif %}
{%- endmacro %}
