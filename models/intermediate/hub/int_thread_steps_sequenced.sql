-- grain: one row per message and explicit mark of a thread, from its first message on, with what follows by time
with

messages as (
    select * from {{ ref('stg_customer_hub__messages') }}
),

snoozes as (
    select * from {{ ref('stg_customer_hub__thread_snoozes') }}
),

waits as (
    select * from {{ ref('stg_customer_hub__thread_waits') }}
),

resolutions as (
    select * from {{ ref('stg_customer_hub__thread_resolutions') }}
),

steps as (
    select
        event_id, tenant_id, thread_id, occurred_at, emitter_id, seq, speaker as step,
        speaker, occurred_at as said_at, cast(null as timestamptz) as snoozed_until_at
    from messages
    union all
    select
        event_id, tenant_id, thread_id, occurred_at, emitter_id, seq, 'snoozed' as step,
        null as speaker, null as said_at, snoozed_until_at
    from snoozes
    union all
    select
        event_id, tenant_id, thread_id, occurred_at, emitter_id, seq, 'waiting' as step,
        null as speaker, null as said_at, null as snoozed_until_at
    from waits
    union all
    select
        event_id, tenant_id, thread_id, occurred_at, emitter_id, seq, 'resolved' as step,
        null as speaker, null as said_at, null as snoozed_until_at
    from resolutions
),

sequenced as (
    select
        *,
        lead(occurred_at) over thread_order as next_step_at,
        count(speaker) over (thread_order rows unbounded preceding) as messages_so_far,
        count(*) filter (where speaker = 'me') over (thread_order rows unbounded preceding) as our_messages_so_far,
        -- What they wrote is settled by our message or by a mark; a snooze only puts it off.
        count(*) filter (where step in ('me', 'waiting', 'resolved')) over (
            thread_order rows between unbounded preceding and 1 preceding
        ) as settlements_before
    from steps
    where thread_id is not null
    window thread_order as (
        partition by tenant_id, thread_id order by occurred_at, emitter_id nulls last, seq nulls last, event_id
    )
),

-- Between two messages there is one that was the last.
known as (
    select
        *,
        max(speaker) over (partition by tenant_id, thread_id, messages_so_far) as last_speaker,
        max(said_at) over (partition by tenant_id, thread_id, messages_so_far) as last_message_at
    from sequenced
    where messages_so_far > 0
),

-- Until when a mark holds, and what follows from who spoke last: at the instant that is due itself nothing is late.
final as (
    select
        *,
        case
            when step in ('resolved', 'waiting') then {{ never() }}
            when step = 'snoozed' then greatest(occurred_at, snoozed_until_at)
            else occurred_at
        end as held_until_at,
        case
            when last_speaker = 'them' and our_messages_so_far = 0
                then {{ right_after(minutes_after('last_message_at', var('unseen_minutes'))) }}
            else occurred_at
        end as unseen_until_at,
        {{ late_from('last_speaker', 'last_message_at') }} as late_from_at
    from known
)

select * from final
