-- grain: one row per operation of a session: a query, a call, an API error, a routing, an interrupt; without its event
{{
    config(
        indexes=[{'columns': ['session_id', 'tenant_id']}, {'columns': ['tenant_id', 'operation_date']}],
    )
}}
with

operations as (
    select * from {{ ref('int_session_operations_unioned') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

sessions as (
    select * from {{ ref('int_sessions_described') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

final as (
    select
        operations.tenant_id,
        operations.session_id,
        row_number() over (
            partition by operations.tenant_id, operations.session_id
            order by operations.occurred_at, operations.event_id
        ) as operation_number,
        {{ local_date('operations.occurred_at', 'tenants.timezone') }} as operation_date,
        {{ hour_of('operations.occurred_at') }} as hour_started_at,
        operations.operation_type,
        coalesce(operations.operation_name, 'unknown') as operation_name,
        operations.operation_status,
        coalesce(sessions.is_test, false) as is_test,
        operations.response_time_ms
    from operations
    inner join tenants
        on operations.tenant_id = tenants.tenant_id
    left join sessions
        on operations.tenant_id = sessions.tenant_id and operations.session_id = sessions.session_id
    where operations.session_id is not null
)

select * from final
