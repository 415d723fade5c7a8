-- grain: one row per clock of a ticket (metric and application) and step that finds it going or stops it
{{ config(meta={'is_whole_after_pruning': true}) }}
with

steps as (
    select * from {{ ref('int_ticket_steps_followed') }}
    -- Nobody knows when a ticket began to wait whose creation is lost.
    where created_at is not null
),

metrics as (
    select * from (values ('first_response'), ('next_response'), ('resolution')) as names (metric)
),

-- After the first response, a reply of the customer waits for the next one, or for the end of the work.
called as (
    select
        *,
        step_number > response_number and (is_public_agent_reply or is_done) as is_answer,
        step_number > response_number and is_customer_reply as is_call,
        least(response_number, first_done_number) as first_response_end_number
    from steps
),

waited as (
    select
        *,
        coalesce(max(step_number) filter (where is_answer) over earlier, response_number) as waiting_since_number,
        max(step_number) filter (where is_call) over earlier as earlier_call_number
    from called
    window earlier as (
        partition by tenant_id, ticket_id order by step_number rows between unbounded preceding and 1 preceding
    )
),

begun as (
    select
        *,
        is_call and coalesce(earlier_call_number <= waiting_since_number, true) as is_first_call,
        is_call or coalesce(earlier_call_number > waiting_since_number, false) as is_in_next_response
    from waited
),

applied as (
    select
        *,
        count(*) filter (where is_first_call) over in_order as next_response_number,
        max(happened_at) filter (where is_first_call) over in_order as next_response_started_at
    from begun
    window in_order as (
        partition by tenant_id, ticket_id order by step_number rows between unbounded preceding and current row
    )
),

final as (
    select
        applied.tenant_id,
        applied.ticket_id,
        metrics.metric,
        case metrics.metric when 'next_response' then applied.next_response_number else 1 end as application_number,
        case metrics.metric when 'next_response' then applied.next_response_started_at else applied.created_at end
            as clock_started_at,
        applied.step_number,
        applied.event_id,
        applied.happened_at,
        applied.ticket_type,
        applied.priority,
        applied.status,
        applied.agent_id,
        applied.last_agent_id,
        case metrics.metric
            when 'first_response' then coalesce(applied.step_number = applied.first_response_end_number, false)
            when 'next_response' then applied.is_answer
            else applied.status in ('solved', 'closed')
        end as is_stopped
    from applied
    cross join metrics
    where
        case metrics.metric
            when 'first_response'
                then applied.step_number <= coalesce(applied.first_response_end_number, applied.step_number)
            when 'next_response' then applied.is_in_next_response
            else true
        end
)

select * from final
