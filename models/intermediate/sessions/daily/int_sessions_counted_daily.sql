-- grain: one row per tenant, local date on which sessions started, dimension and value of it
{{
    config(
        pre_hook="{{ forget_touched_days('session', 'tenant_id, session_date') }}",
    )
}}
with

sessions as (
    select * from {{ ref('fct_sessions') }}
    {{ only_touched_days('session', 'tenant_id, session_date') }}
),

final as (
    select
        tenant_id,
        session_date,
        {{ session_dimension() }},
        currency,
        {{ session_counts() }}
    from sessions
    group by {{ session_dimension_sets('tenant_id, session_date, currency') }}
)

select * from final
