-- grain: one row per tenant and ticket that any event line names, with the build that last computed it
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        meta={'pruned_with': 'ticket', 'erased_with': 'ticket'},
        unique_key=['tenant_id', 'ticket_id'],
        indexes=[{'columns': ['tenant_id', 'ticket_id'], 'unique': true}, {'columns': ['build_id']}],
        post_hook="{{ end_model(is_read_by_build=true) }}",
    )
}}
with

named as (
    {{ touched_keys(ref('base_event_lines'), 'tenant_id, ticket_id', 'ticket_id is not null') }}
),

touched as (
    select * from named
    {{ where_unpruned('ticket', 'named') }}
),

final as (
    select
        tenant_id,
        ticket_id,
        {{ current_build() }} as build_id
    from touched
)

select * from final
