-- grain: one row per tenant and agent that any login or logout names, with the build that last computed it
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        meta={'pruned_with': 'agent', 'erased_with': 'agent'},
        unique_key=['tenant_id', 'agent_id'],
        indexes=[{'columns': ['tenant_id', 'agent_id'], 'unique': true}, {'columns': ['build_id']}],
        post_hook="{{ end_model(is_read_by_build=true) }}",
    )
}}
with

touched as (
    {{
        touched_keys(
            ref('base_event_lines'),
            'tenant_id, agent_id',
            "agent_id is not null and event in ('agent.login', 'agent.logout')"
        )
    }}
),

final as (
    select
        tenant_id,
        agent_id,
        {{ current_build() }} as build_id
    from touched
)

select * from final
