-- grain: one row per tenant and local date on which sessions started
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
        currency,
        {{ session_counts() }}
    from sessions
    group by tenant_id, session_date, currency
)

select * from final
