-- grain: one row per line of the last two days and of their loads that tells of a session or an agent, copies too
with

events as (
    select * from {{ source('raw', 'events') }}
),

event_names as (
    select * from {{ ref('base_event_names') }}
),

named as (
    select
        events.event_id,
        event_names.event,
        events.occurred_at,
        events.tenant_id,
        events.emitter_id,
        events.seq,
        {{ json_with('events.payload', 'event_names.implied_field', 'event_names.implied_value') }} as payload
    from events
    inner join event_names
        on events.event = event_names.event_as_written
    where
        -- Partitions of other days are not looked into.
        events.loaded_on >= {{ first_live_day(source('raw', 'loads')) }}
        and {{ is_of_live_days('events.occurred_at', source('raw', 'loads')) }}
        and split_part(event_names.event, '.', 1) in ('session', 'query', 'api', 'ai', 'agent')
),

final as (
    select
        event_id,
        tenant_id,
        occurred_at,
        emitter_id,
        seq,
        event,
        {{ json_key('payload', 'session_id') }} as session_id,
        {{ json_key('payload', 'agent_id') }} as agent_id,
        case when event = 'session.start' then {{ json_text('payload', 'channel') }} end as channel,
        case when event = 'session.start' then {{ json_bool('payload', 'is_test') }} end as is_test,
        case
            when event = 'session.escalate' then coalesce({{ json_bool('payload', 'accepted') }}, true)
        end as is_accepted,
        case
            when event = 'session.message' and {{ json_text('payload', 'role') }} = 'ai'
                then {{ json_int('payload', 'response_time_ms') }}
        end as response_time_ms,
        case when event = 'agent.status_change' then {{ json_text('payload', 'to_status') }} end as to_status
    from named
)

select * from final
