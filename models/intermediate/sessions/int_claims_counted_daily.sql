-- grain: one row per tenant, local date, and figure that a product claims of sessions, handlings, shifts or tickets
with

profiles as (
    select * from {{ ref('int_sessions_profiled_daily') }}
),

handling_days as (
    select * from {{ ref('int_agent_handlings_counted_daily') }}
),

shifts as (
    select * from {{ ref('fct_agent_shifts') }}
),

ticket_days as (
    select * from {{ ref('int_tickets_counted_daily') }}
),

compared as (
    select
        *,
        {{ workbench_claim('reported_work_minutes', 'duration_seconds / 60', 'claim_tolerance_minutes') }}
            as minutes_claim,
        {{ workbench_claim('reported_sessions_handled_count', 'handled_sessions_count', 'claim_tolerance_messages') }}
            as sessions_claim
    from shifts
),

claims as (
    select
        tenant_id, session_date as claim_date,
        case trait
            when 'duration_claim' then 'duration_seconds' when 'messages_claim' then 'message_count' else 'resolved_by'
        end as claim,
        sessions_count as claims_count,
        case when trait_value = 'differs' then sessions_count else 0 end as differing_count
    from profiles
    where trait in ('duration_claim', 'messages_claim', 'resolver_claim')
    union all
    select
        tenant_id, handling_date as claim_date, 'wait_seconds' as claim, wait_claims_count as claims_count,
        differing_wait_claims_count as differing_count
    from handling_days
    union all
    select
        tenant_id, handling_date as claim_date, 'handle_seconds' as claim, handle_claims_count as claims_count,
        differing_handle_claims_count as differing_count
    from handling_days
    union all
    select
        tenant_id, handling_date as claim_date, 'agent_message_count' as claim, messages_claims_count as claims_count,
        differing_messages_claims_count as differing_count
    from handling_days
    union all
    select
        tenant_id, shift_date as claim_date, 'work_minutes' as claim, 1 as claims_count,
        case minutes_claim when 'differs' then 1 else 0 end as differing_count
    from compared
    where minutes_claim is not null
    union all
    select
        tenant_id, shift_date as claim_date, 'sessions_handled' as claim, 1 as claims_count,
        case sessions_claim when 'differs' then 1 else 0 end as differing_count
    from compared
    where sessions_claim is not null
    union all
    select
        tenant_id, closed_date as claim_date, 'resolution_hours' as claim, hours_claims_count as claims_count,
        differing_hours_claims_count as differing_count
    from ticket_days
    union all
    select
        tenant_id, closed_date as claim_date, 'sla_met' as claim, sla_claims_count as claims_count,
        differing_sla_claims_count as differing_count
    from ticket_days
),

final as (
    select
        tenant_id,
        claim_date,
        claim,
        cast(sum(claims_count) as bigint) as claims_count,
        cast(sum(differing_count) as bigint) as differing_count
    from claims
    group by tenant_id, claim_date, claim
)

select * from final
