-- grain: one row per step of a session, with whether it is in hand then, and for which wait it is
{% set session = 'partition by tenant_id, session_id' %}
{% set in_order = in_event_order() ~ ", step = 'silence'" %}
with

unioned as (
    select * from {{ ref('int_session_steps_unioned') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

-- Where no human is called for or comes, there is nothing to pass on. distinct: a session has many steps.
passed_on as (
    select distinct tenant_id, session_id
    from unioned
    where step != 'session_end'
),

-- As a list, which reaches the index of the lines through the window of the view.
silences as (
    select * from {{ ref('int_session_silences_found') }}
    where {{ is_listed('session_id', 'select session_id from passed_on') }}
),

steps as (
    select * from unioned
    union all
    select
        tenant_id, session_id, event_id, occurred_at, emitter_id, seq, null as agent_id, 'silence' as step,
        null as target_agent_id, null as is_accepted, null as reported_wait_seconds,
        null as reported_handle_seconds, null as reported_message_count
    from silences
),

taken as (
    select
        *,
        count(*) filter (where step = 'takeover') over ({{ session }} {{ in_order }}) as takeover_number
    from steps
    inner join passed_on using (tenant_id, session_id)
),

-- Whoever took it over last can let it go; what another one releases was not in his or her hands.
released as (
    select
        *,
        step in ('session_end', 'silence') or (
            step in ('release', 'transfer')
            and agent_id = max(agent_id) filter (where step = 'takeover') over ({{ session }}, takeover_number)
        ) as is_letting_go
    from taken
),

-- An agent has it when it is taken over, and up to the first step that lets it go.
handed as (
    select
        *,
        takeover_number > 0 and count(*) filter (where is_letting_go) over (
            {{ session }}, takeover_number {{ in_order }} rows between unbounded preceding and 1 preceding
        ) = 0 as is_in_hand
    from released
),

-- Who has an agent does not wait, and who is turned down does not either; whoever takes over, or writes, answers.
called as (
    select
        *,
        step = 'escalation' and not is_in_hand as is_call,
        step = 'takeover' or (step = 'message' and not is_in_hand) as is_answer
    from handed
),

numbered as (
    select
        *,
        count(*) filter (where is_answer) over (
            {{ session }} {{ in_order }} rows between unbounded preceding and 1 preceding
        ) as answers_before_count
    from called
),

final as (
    select
        *,
        min(occurred_at) filter (where is_call and is_accepted) over (
            {{ session }}, answers_before_count {{ in_order }}
        ) as waiting_since
    from numbered
)

select * from final
