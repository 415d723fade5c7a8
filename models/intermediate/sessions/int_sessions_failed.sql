-- grain: one row per tenant and session with at least one API error or failed call
with

failures as (
    select * from {{ ref('int_session_failures_unioned') }}
),

final as (
    select
        tenant_id,
        session_id,
        count(*) as failures_count,
        max(occurred_at) as last_failure_at,
        {{ last_of('event_id') }} as last_failure_event_id,
        {{ last_of('failure') }} as last_failure
    from failures
    group by tenant_id, session_id
)

select * from final
