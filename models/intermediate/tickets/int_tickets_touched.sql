-- grain: one row per tenant and ticket that any event line names, with the builds that last computed it, and for a line
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        meta={'pruned_with': 'ticket', 'erased_with': 'ticket'},
        unique_key=['tenant_id', 'ticket_id'],
        indexes=[{'columns': ['ticket_id', 'tenant_id'], 'unique': true}, {'columns': ['build_id']}],
        post_hook="{{ end_model(is_read_by_build=true) }}",
    )
}}
with

base_event_lines as (
    select * from {{ ref('base_event_lines') }}
    where ticket_id is not null
),

{% if is_incremental() or has_pruned() %}
named as (
    {{ touched_keys(ref('base_event_lines'), 'tenant_id, ticket_id', 'ticket_id is not null') }}
),

computed as (
    select tenant_id, ticket_id, {{ current_build() }} as named_build_id from named
    {% if is_incremental() %}
    union all
    -- The clocks of what is open go on while "now" does.
    select tenant_id, ticket_id, named_build_id
    from {{ this }}
    where is_open and {{ has_time_gone_on() }}
    {% endif %}
),

touched as (
    select tenant_id, ticket_id, max(named_build_id) as named_build_id
    from computed
    {{ where_unpruned('ticket', 'computed') }}
    group by tenant_id, ticket_id
),
{% endif %}

statuses as (
    select
        *,
        case
            when copy_number != 1 or not is_complete or occurred_at > {{ as_of() }} then null
            when event = 'ticket.status_changed' then {{ json_text('payload', 'to_status') }}
            when event = 'ticket.closed' then 'closed'
        end as status
    from base_event_lines
    {% if is_incremental() or has_pruned() %}
    where (tenant_id, ticket_id) in (select tenant_id, ticket_id from touched)
    {% endif %}
    {% if is_incremental() and not last_mark().is_outdated %}
    and {{ is_listed('ticket_id', 'select ticket_id from touched') }}
    {% endif %}
),

followed as (
    select
        tenant_id,
        ticket_id,
        coalesce({{ last_of('status', 'status is not null') }} not in ('solved', 'closed'), true) as is_open
    from statuses
    group by tenant_id, ticket_id
),

final as (
    select
        followed.*,
        {% if is_incremental() or has_pruned() -%}
        touched.named_build_id,
        {%- else -%}
        {{ current_build() }} as named_build_id,
        {%- endif %}
        {{ current_build() }} as build_id
    from followed
    {% if is_incremental() or has_pruned() -%}
    inner join touched using (tenant_id, ticket_id)
    {%- endif %}
)

select * from final
