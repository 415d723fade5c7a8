-- grain: one row per tenant, agent and day in UTC with lines of the agent, with the build that last computed it
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        meta={'pruned_with': 'agent', 'erased_with': 'agent'},
        unique_key=['tenant_id', 'agent_id', 'utc_date'],
        indexes=[
            {'columns': ['tenant_id', 'agent_id', 'utc_date'], 'unique': true},
            {'columns': ['build_id']},
            {'columns': ['awaited_event_at']},
        ],
        post_hook="{{ end_model(is_read_by_build=true) }}",
    )
}}
{% set day = utc_date('occurred_at') %}
-- depends_on: {{ ref('int_sessions_touched') }}
with

{% if is_incremental() %}
-- What becomes of a session changes the shifts of those who had it in hand.
lines_of_sessions as (
    select * from {{ ref('base_event_lines') }}
    {{ only_touched_by_list(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

named as (
    {{
        touched_keys(ref('base_event_lines'), 'tenant_id, agent_id, ' ~ day ~ ' as utc_date', is_of_agent())
    }}
    union
    select tenant_id, agent_id, {{ day }} as utc_date
    from lines_of_sessions
    where {{ is_of_agent() }}
    union
    -- A shift that was on at the last build may have ended by silence since.
    select tenant_id, agent_id, utc_date
    from {{ this }}
    where awaited_event_at is not null and {{ has_time_gone_on() }}
),

-- A day may go on with the shift that began before it, or end it: the day of the login before is computed as well.
touched as (
    select tenant_id, agent_id, utc_date from named
    union
    select
        named.tenant_id,
        named.agent_id,
        (
            select max({{ utc_date('logins.occurred_at') }})
            from {{ ref('base_event_lines') }} as logins
            where
                logins.tenant_id = named.tenant_id and logins.agent_id = named.agent_id
                and {{ is_login('logins') }} and {{ utc_date('logins.occurred_at') }} < named.utc_date
        ) as utc_date
    from named
),
{% endif %}

final as (
    select
        tenant_id,
        agent_id,
        {{ day }} as utc_date,
        case
            when {{ minutes_after('max(occurred_at)', var('shift_grace_minutes')) }} > {{ as_of() }}
                then max(occurred_at)
        end as awaited_event_at,
        {{ current_build() }} as build_id
    from {{ ref('base_event_lines') }}
    where
        {{ is_of_agent() }}
        {{ and_agent_day_in('touched') }}
    group by tenant_id, agent_id, {{ day }}
)

select * from final
