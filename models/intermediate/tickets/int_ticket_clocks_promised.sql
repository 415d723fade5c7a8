-- grain: one row per clock of a ticket and step that finds it going or stops it, with the policy in force
{{ config(meta={'is_whole_after_pruning': true}) }}
with

driven as (
    select * from {{ ref('int_ticket_clocks_driven') }}
),

policies as (
    select * from {{ ref('sla_policies') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

dated as (
    select
        driven.*,
        {{ local_date('driven.clock_started_at', 'tenants.timezone') }} as started_date
    from driven
    inner join tenants
        on driven.tenant_id = tenants.tenant_id
),

-- A policy of the ticket's type goes before one of any type.
promised as (
    select
        dated.*,
        coalesce(of_type.calendar_id, of_any.calendar_id) as calendar_id,
        cast(coalesce(of_type.target_minutes, of_any.target_minutes) as bigint) * 60000000 as target_microseconds,
        coalesce(
            case when of_type.tenant_id is not null then of_type.pausing_statuses else of_any.pausing_statuses end,
            case dated.metric when 'resolution' then 'pending on_hold' else 'none' end
        ) as pausing_statuses
    from dated
    left join policies as of_type
        on
            dated.tenant_id = of_type.tenant_id
            and dated.metric = of_type.metric
            and dated.priority = of_type.priority
            and dated.ticket_type = of_type.ticket_type
            and dated.started_date >= of_type.valid_from
            and (dated.started_date < of_type.valid_to or of_type.valid_to is null)
    left join policies as of_any
        on
            dated.tenant_id = of_any.tenant_id
            and dated.metric = of_any.metric
            and dated.priority = of_any.priority
            and of_any.ticket_type is null
            and dated.started_date >= of_any.valid_from
            and (dated.started_date < of_any.valid_to or of_any.valid_to is null)
),

final as (
    select
        tenant_id,
        ticket_id,
        metric,
        application_number,
        step_number,
        event_id,
        started_date,
        clock_started_at,
        happened_at,
        ticket_type,
        priority,
        status,
        agent_id,
        last_agent_id,
        case when not is_stopped then calendar_id end as calendar_id,
        case when not is_stopped then target_microseconds end as target_microseconds,
        case
            when is_stopped then 'stopped'
            when calendar_id is null then 'no_policy'
            when position(' ' || status || ' ' in ' ' || pausing_statuses || ' ') > 0 then 'paused'
            else 'running'
        end as clock_state
    from promised
)

select * from final
