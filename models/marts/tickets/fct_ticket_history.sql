-- grain: one row per tenant, ticket, attribute (status, priority, agent) and period in which it had one value
with

steps as (
    select * from {{ ref('int_ticket_steps_followed') }}
    {{ only_touched(ref('int_tickets_touched'), 'tenant_id, ticket_id') }}
),

-- Of the resolution's first policy: that in force at the creation.
calendars as (
    select tenant_id, ticket_id, 'status' as attribute, calendar_id
    from {{ ref('int_ticket_stretches_timed') }}
    where metric = 'resolution' and stretch_number = 1
),

pieces as (
    select * from {{ ref('int_business_time_summed') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

valued as (
    select
        tenant_id, ticket_id, step_number, event_id, happened_at, created_at, last_status,
        'status' as attribute, status as attribute_value
    from steps
    union all
    select
        tenant_id, ticket_id, step_number, event_id, happened_at, created_at, last_status,
        'priority' as attribute, priority as attribute_value
    from steps
    union all
    select
        tenant_id, ticket_id, step_number, event_id, happened_at, created_at, last_status,
        'agent' as attribute, agent_id as attribute_value
    from steps
),

compared as (
    select
        *,
        lag(attribute_value) over (partition by tenant_id, ticket_id, attribute order by step_number) as value_before
    from valued
),

bounded as (
    select
        *,
        lead(happened_at) over (partition by tenant_id, ticket_id, attribute order by step_number) as next_happened_at
    from compared
    where attribute_value is distinct from value_before
),

-- What did not last is left out. What is open follows "now"; what is solved or closed has no length while it stays so.
lasting as (
    select
        bounded.*, tenants.timezone, calendars.calendar_id,
        case
            when bounded.next_happened_at is not null then bounded.next_happened_at
            when coalesce(bounded.last_status, '') not in ('solved', 'closed') then {{ as_of() }}
        end as measured_until_at
    from bounded
    inner join tenants using (tenant_id)
    left join calendars using (tenant_id, ticket_id, attribute)
    where bounded.next_happened_at is null or bounded.happened_at < bounded.next_happened_at
),

final as (
    select
        lasting.tenant_id, lasting.ticket_id, lasting.attribute,
        row_number() over (
            partition by lasting.tenant_id, lasting.ticket_id, lasting.attribute order by lasting.step_number
        ) as period_number,
        lasting.attribute_value, lasting.event_id as started_by_event_id,
        lasting.happened_at as started_at, lasting.next_happened_at as ended_at,
        {{ local_date('lasting.created_at', 'lasting.timezone') }} as created_date,
        {{ local_date('lasting.happened_at', 'lasting.timezone') }} as started_date,
        {{ local_date('lasting.next_happened_at', 'lasting.timezone') }} as ended_date,
        {{ seconds_between('lasting.happened_at', 'lasting.measured_until_at') }} as calendar_seconds,
        lasting.calendar_id,
        {{ business_seconds('lasting.happened_at', 'opening', 'lasting.measured_until_at', 'closing') }}
            as business_seconds
    from lasting
    left join pieces as opening on {{ is_in_piece('lasting', 'lasting.happened_at', 'opening') }}
    left join pieces as closing on {{ is_in_piece('lasting', 'lasting.measured_until_at', 'closing') }}
)

select * from final
