-- grain: one row per tenant and channel of which a session had a line in the last two days of loads
with

sessions as (
    select * from {{ ref('int_live_sessions_joined') }}
    where not is_test
),

final as (
    select
        tenant_id,
        channel,
        {{ live_now(ref('stg_pipeline__loads')) }} as measured_at,
        {{ live_session_counts() }}
    from sessions
    group by tenant_id, channel
)

select * from final
