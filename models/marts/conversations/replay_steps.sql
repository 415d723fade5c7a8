-- grain: one row per step of a session
with

events as (
    select * from {{ ref('int_replay_events_unioned') }}
),

sessions as (
    select * from {{ ref('fct_sessions') }}
),

handlings as (
    select * from {{ ref('fct_agent_handlings') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

-- What was spent until a step. A call of a workflow is both, a cost and a step, which comes behind it by name.
spent as (
    select
        *,
        coalesce(sum(cost_amount) over session_order, 0) as running_ai_cost_amount,
        count(*) filter (where is_unpriced) over session_order as running_unpriced_count
    from events
    window session_order as (
        partition by tenant_id, session_id
        {{ in_event_order() }}, step_type
        rows between unbounded preceding and current row
    )
),

numbered as (
    select
        *,
        row_number() over session_order as step_number,
        min(occurred_at) over (partition by tenant_id, session_id) as first_step_at,
        lag(occurred_at) over session_order as previous_step_at
    from spent
    where step_type != 'cost'
    window session_order as (
        partition by tenant_id, session_id {{ in_event_order() }}
    )
),

final as (
    select
        numbered.tenant_id,
        numbered.session_id,
        numbered.step_number,
        numbered.event_id,
        numbered.occurred_at,
        numbered.step_type,
        numbered.actor_type,
        numbered.agent_id,
        handlings.agent_id as held_by_agent_id,
        numbered.detail,
        numbered.masked_text,
        tenants.currency,
        numbered.is_successful,
        {{ seconds_between('numbered.previous_step_at', 'numbered.occurred_at') }} as seconds_since_previous,
        -- Of a session that the chatbot does not know, the first step is the start.
        {{ seconds_between('coalesce(sessions.started_at, numbered.first_step_at)', 'numbered.occurred_at') }}
            as seconds_since_start,
        numbered.response_time_ms,
        numbered.message_length,
        cast(numbered.running_ai_cost_amount as numeric(18, 6)) as running_ai_cost_amount,
        numbered.running_unpriced_count
    from numbered
    inner join tenants
        on numbered.tenant_id = tenants.tenant_id
    left join sessions
        on numbered.tenant_id = sessions.tenant_id and numbered.session_id = sessions.session_id
    -- A session is in one hand at a time.
    left join handlings
        on
            numbered.tenant_id = handlings.tenant_id
            and numbered.session_id = handlings.session_id
            and numbered.occurred_at >= handlings.taken_over_at
            and (numbered.occurred_at < handlings.ended_at or handlings.ended_at is null)
)

select * from final
