-- grain: one row per tenant and session about which the product claims anything; test sessions excluded
with

sessions as (
    select * from {{ ref('fct_sessions') }}
),

final as (
    select
        tenant_id,
        session_id,
        session_date,
        reported_duration_seconds,
        duration_seconds,
        {{ duration_claim() }} as duration_claim,
        reported_message_count,
        {{ messages_of_session() }} as messages_count,
        {{ messages_claim() }} as messages_claim,
        reported_resolved_by,
        {{ resolver_of_session() }} as resolved_by,
        {{ resolver_claim() }} as resolver_claim
    from sessions
    where
        not is_test
        and (
            reported_duration_seconds is not null
            or reported_message_count is not null
            or reported_resolved_by is not null
        )
)

select * from final
