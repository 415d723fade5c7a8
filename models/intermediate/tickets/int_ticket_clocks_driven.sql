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
        max(step_number) filter (where step_number > response_number and is_customer_reply) over so_far as call_number,
        max(step_number) filter (where step_number > response_number and (is_public_agent_reply or is_done)) over so_far
            as answer_number,
        least(response_number, first_done_number) as first_response_end_number
    from steps
    window so_far as (
        partition by tenant_id, ticket_id order by step_number rows between unbounded preceding and current row
    )
),

-- While the ticket is solved or closed nobody works on it: who wrote meanwhile waits from the reopening on.
waited as (
    select
        *,
        coalesce(call_number > coalesce(answer_number, response_number) and status not in ('solved', 'closed'), false)
            as is_waiting
    from called
),

begun as (
    select
        *,
        coalesce(lag(is_waiting) over (partition by tenant_id, ticket_id order by step_number), false) as was_waiting
    from waited
),

applied as (
    select
        *,
        count(*) filter (where is_waiting and not was_waiting) over so_far as next_response_number,
        max(happened_at) filter (where is_waiting and not was_waiting) over so_far as next_response_started_at
    from begun
    window so_far as (
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
            when 'next_response' then not applied.is_waiting
            else applied.status in ('solved', 'closed')
        end as is_stopped
    from applied
    cross join metrics
    where
        case metrics.metric
            when 'first_response'
                then applied.step_number <= coalesce(applied.first_response_end_number, applied.step_number)
            when 'next_response' then applied.is_waiting or applied.was_waiting
            else true
        end
)

select * from final
