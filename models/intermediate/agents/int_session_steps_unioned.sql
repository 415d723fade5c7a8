-- grain: one row per step of a session: takeover, message, note, release, transfer, end or escalation
with

takeovers as (
    select * from {{ ref('stg_agent_workbench__session_takeovers') }}
),

messages as (
    select * from {{ ref('stg_agent_workbench__session_messages') }}
),

notes as (
    select * from {{ ref('stg_agent_workbench__session_notes') }}
),

releases as (
    select * from {{ ref('stg_agent_workbench__session_releases') }}
),

transfers as (
    select * from {{ ref('stg_agent_workbench__session_transfers') }}
),

session_ends as (
    select * from {{ ref('stg_ai_chatbot__session_ends') }}
),

escalations as (
    select * from {{ ref('stg_ai_chatbot__session_escalations') }}
),

final as (
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'takeover' as step,
        cast(null as text) as target_agent_id, cast(null as boolean) as is_accepted, reported_wait_seconds,
        cast(null as double precision) as reported_handle_seconds, cast(null as bigint) as reported_message_count
    from takeovers
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'message' as step,
        null as target_agent_id, null as is_accepted, null as reported_wait_seconds,
        null as reported_handle_seconds, null as reported_message_count
    from messages
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'note' as step,
        null as target_agent_id, null as is_accepted, null as reported_wait_seconds,
        null as reported_handle_seconds, null as reported_message_count
    from notes
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'release' as step,
        null as target_agent_id, null as is_accepted, null as reported_wait_seconds,
        reported_handle_seconds, reported_message_count
    from releases
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'transfer' as step,
        target_agent_id, null as is_accepted, null as reported_wait_seconds,
        null as reported_handle_seconds, null as reported_message_count
    from transfers
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, null as agent_id, 'session_end' as step,
        null as target_agent_id, null as is_accepted, null as reported_wait_seconds,
        null as reported_handle_seconds, null as reported_message_count
    from session_ends
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, null as agent_id, 'escalation' as step,
        null as target_agent_id, is_accepted, null as reported_wait_seconds,
        null as reported_handle_seconds, null as reported_message_count
    from escalations
)

select * from final
