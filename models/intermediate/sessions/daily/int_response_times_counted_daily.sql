-- grain: one row per tenant, local date on which sessions but tests started, and time that the AI took for an answer
{{
    config(
        pre_hook="{{ forget_touched_days('session', 'tenant_id, session_date') }}",
    )
}}
with

response_times as (
    select * from {{ ref('int_session_response_times_counted') }}
    {{ only_touched_days('session', 'tenant_id, session_date') }}
),

final as (
    select
        tenant_id,
        session_date,
        response_time_ms,
        cast(sum(answers_count) as bigint) as answers_count
    from response_times
    group by tenant_id, session_date, response_time_ms
)

select * from final
