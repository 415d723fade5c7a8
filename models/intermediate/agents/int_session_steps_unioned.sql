-- grain: one row per step of a session between hands: takeover, release, transfer, end or escalation
with

takeovers as (
    select * from {{ ref('stg_agent_workbench__session_takeovers') }}
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
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'takeover' as step from takeovers
    union all
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'release' as step from releases
    union all
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq, agent_id, 'transfer' as step from transfers
    union all
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq, null as agent_id, 'session_end' as step
    from session_ends
    union all
    select tenant_id, session_id, event_id, occurred_at, emitter_id, seq, null as agent_id, 'escalation' as step
    from escalations
)

select * from final
