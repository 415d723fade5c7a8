-- grain: one row per step by which a session is asked for, taken over, noted on, passed on or let go
with

escalations as (
    select * from {{ ref('stg_ai_chatbot__session_escalations') }}
),

takeovers as (
    select * from {{ ref('stg_agent_workbench__session_takeovers') }}
),

notes as (
    select * from {{ ref('stg_agent_workbench__session_notes') }}
),

transfers as (
    select * from {{ ref('stg_agent_workbench__session_transfers') }}
),

releases as (
    select * from {{ ref('stg_agent_workbench__session_releases') }}
),

final as (
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'transfer' as step_type, 'agent' as actor_type, agent_id, 'to ' || target_agent_id as detail,
        cast(null as boolean) as is_successful, cast(null as bigint) as message_length
    from transfers
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'takeover' as step_type, 'agent' as actor_type, agent_id, null as detail,
        null as is_successful, null as message_length
    from takeovers
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'release' as step_type, 'agent' as actor_type, agent_id, null as detail,
        null as is_successful, null as message_length
    from releases
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'note' as step_type, 'agent' as actor_type, agent_id, null as detail,
        null as is_successful, note_length as message_length
    from notes
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq,
        'escalation' as step_type, 'system' as actor_type, null as agent_id, escalation_reason as detail,
        is_accepted as is_successful, null as message_length
    from escalations
)

select * from final
