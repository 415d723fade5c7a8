-- grain: one row per tenant, agent and local date on which the agent took sessions over or transferred them; no tests
{{
    config(
        pre_hook="{{ forget_touched_days('session', 'tenant_id, handling_date') }}",
    )
}}
with

handlings as (
    select * from {{ ref('fct_agent_handlings') }}
    {{ only_touched_days('session', 'tenant_id, handling_date') }}
),

session_days as (
    select * from {{ ref('int_session_handlings_summed_daily') }}
    {{ only_touched_days('session', 'tenant_id, step_date') }}
),

claimed as (
    select
        *,
        {{ workbench_claim('reported_wait_seconds', 'wait_seconds', 'claim_tolerance_seconds') }} as wait_claim,
        {{ workbench_claim('reported_handle_seconds', 'handle_seconds', 'claim_tolerance_seconds') }} as handle_claim,
        {{ workbench_claim('reported_message_count', 'messages_count', 'claim_tolerance_messages') }} as messages_claim
    from handlings
    where not is_test
),

counted as (
    select
        tenant_id,
        agent_id,
        handling_date,
        count(first_reply_seconds) as replied_handlings_count,
        sum(first_reply_seconds) as first_reply_seconds_total,
        {{ percentile(0.9, 'wait_seconds') }} as p90_first_response_seconds,
        {{ percentile(0.9, 'first_reply_seconds') }} as p90_first_reply_seconds,
        cast(sum(messages_count) as bigint) as messages_count,
        count(*) filter (where is_ping_pong) as ping_pongs_count,
        count(wait_claim) as wait_claims_count,
        count(*) filter (where wait_claim = 'differs') as differing_wait_claims_count,
        count(handle_claim) as handle_claims_count,
        count(*) filter (where handle_claim = 'differs') as differing_handle_claims_count,
        count(messages_claim) as messages_claims_count,
        count(*) filter (where messages_claim = 'differs') as differing_messages_claims_count
    from claimed
    group by tenant_id, agent_id, handling_date
),

summed as (
    select
        tenant_id,
        agent_id,
        step_date as handling_date,
        -- A session that comes back to the agent on the same day has one row all the same.
        count(*) filter (where handlings_count > 0) as handled_sessions_count,
        cast(sum(handlings_count) as bigint) as handlings_count,
        cast(sum(transfers_count) as bigint) as transfers_count,
        cast(sum(waited_handlings_count) as bigint) as waited_handlings_count,
        sum(wait_seconds_total) as wait_seconds_total,
        cast(sum(ended_handlings_count) as bigint) as ended_handlings_count,
        sum(handle_seconds_total) as handle_seconds_total
    from session_days
    -- Null where the session was pruned before agents were kept.
    where agent_id is not null
    group by tenant_id, agent_id, step_date
),

final as (
    select *
    from summed
    left join counted using (tenant_id, agent_id, handling_date)
)

select * from final
