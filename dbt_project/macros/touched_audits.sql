{#
    An audit is a case of its own: its review names no session. The audits of arrived lines are computed anew, but for those of
    sessions whose details are pruned: their rows stay as they are.
#}

{# The audits of lines that were built since this model's last build: rows of tenant_id and audit_id. #}
{% macro touched_audits() -%}
    {{ touched_keys(
        ref('base_event_lines'),
        'tenant_id, ' ~ json_key('payload', 'audit_id') ~ ' as audit_id',
        is_of_audit()
    ) }}
{%- endmacro %}

{# Whether a line is about an audit: what the index of their ids has. #}
{% macro is_of_audit() -%}
    event in ('quality.audit_created', 'quality.audit_reviewed')
{%- endmacro %}

{# A `where` for staging views of audits. #}
{% macro only_touched_audits() -%}
    {%- set touched = touched_audits() -%}
    {% if is_incremental() and not last_mark().is_outdated -%}
    where
        (tenant_id, audit_id) in (select tenant_id, audit_id from ({{ touched }}) as touched)
        and {{ is_listed('audit_id', 'select audit_id from (' ~ touched ~ ') as touched') }}
    {%- endif %}
{%- endmacro %}

{# A pre-hook that deletes the rows of these audits; all that can be computed anew where the rules have changed. #}
{% macro forget_touched_audits() -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    where
        {{ is_unpruned_audit(this.identifier) }}
        {% if not last_mark().is_outdated -%}
        and (tenant_id, audit_id) in (select tenant_id, audit_id from ({{ touched_audits() }}) as touched)
        and {{ is_listed('audit_id', 'select audit_id from (' ~ touched_audits() ~ ') as touched') }}
        {%- endif %}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{# Whether the details of an audit's session are not pruned. rows: alias of what has the tenant and the session. #}
{% macro is_unpruned_audit(rows) -%}
    {% if has_pruned() -%}
    not exists (
        select 1 from staging.pruned_cases as pruned
        where pruned.case_hash = {{ case_hash("'session'", rows, rows ~ '.session_id') }}
    )
    {%- else -%}
    true
    {%- endif %}
{%- endmacro %}

{# A `where` against rows that stay since their session is pruned: an id that comes again does not take their place. #}
{% macro but_kept_audits(audits) -%}
    {% if is_incremental() and has_pruned() -%}
    where not exists (
        select 1 from {{ this }} as kept
        where kept.tenant_id = {{ audits }}.tenant_id and kept.audit_id = {{ audits }}.audit_id
    )
    {%- endif %}
{%- endmacro %}
