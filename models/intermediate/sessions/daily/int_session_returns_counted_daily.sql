-- grain: one row per tenant, local date on which sessions but tests started, dimension and value of it
{{
    config(
        pre_hook="{{ forget_touched_return_days() }}",
    )
}}
with

session_returns as (
    select * from {{ ref('fct_session_returns') }}
    {{ only_touched_return_days() }}
),

final as (
    select
        tenant_id,
        session_date,
        {{ session_dimension() }},
        {{ return_counts() }}
    from session_returns
    group by {{ session_dimension_sets('tenant_id, session_date') }}
)

select * from final
