-- grain: one row per tenant and thread with a message
with

scored as (
    select * from {{ ref('int_threads_scored') }}
    {{ only_touched_by_list(ref('int_threads_touched'), 'tenant_id, thread_id') }}
),

steps as (
    select * from {{ ref('int_thread_steps_sequenced') }}
    {{ only_touched_by_list(ref('int_threads_touched'), 'tenant_id, thread_id') }}
),

waited as (
    select * from {{ ref('int_threads_replied') }}
    {{ only_touched_by_list(ref('int_threads_touched'), 'tenant_id, thread_id') }}
),

statuses as (
    select * from {{ ref('fct_thread_statuses') }}
    {{ only_touched_by_list(ref('int_threads_touched'), 'tenant_id, thread_id') }}
),

contacts as (
    select * from {{ ref('int_contacts_decided') }}
),

-- The last step, and the status that has not ended.
standing as (
    select
        steps.tenant_id, steps.thread_id, steps.event_id as last_event_id, steps.last_speaker, steps.last_message_at,
        statuses.status, statuses.began_at as status_since_at,
        case
            when steps.step not in ('resolved', 'waiting') and statuses.status != 'SNOOZED' then steps.last_message_at
        end as due_since_at
    from steps
    inner join statuses using (tenant_id, thread_id)
    where steps.next_step_at is null and statuses.ended_at is null
),

final as (
    select
        scored.tenant_id,
        scored.thread_id,
        scored.contact_hash,
        standing.last_event_id,

        scored.first_message_at,
        standing.last_message_at,
        standing.status_since_at,
        waited.waiting_since_at,
        case when last_speaker = 'them' then {{ minutes_after('due_since_at', var('need_reply_minutes')) }} end
            as sla_at,
        case when last_speaker = 'me' then {{ minutes_after('due_since_at', 60 * var('follow_up_hours')) }} end
            as follow_up_at,
        scored.gray_at,
        scored.white_at,
        contacts.promoted_at,
        contacts.blocked_at,

        standing.status,
        {{ bucket_of('contacts', 'scored') }} as bucket,
        standing.last_speaker,
        contacts.promoted_at is not null as is_promoted,
        contacts.blocked_at is not null as is_blocked,

        scored.messages_count,
        scored.their_messages_count,
        scored.best_score,
        coalesce(waited.replies_count, 0) as replies_count,
        waited.first_reply_seconds,
        waited.reply_seconds_total,
        {{ ratio('waited.reply_seconds_total', 'waited.replies_count') }} as avg_reply_seconds
    from scored
    inner join standing using (tenant_id, thread_id)
    left join waited using (tenant_id, thread_id)
    left join contacts using (tenant_id, contact_hash)
)

select * from final
