-- grain: one row per tenant and thread in the unknown pool at as_of: gray, and they wait for us
with

threads as (
    select * from {{ ref('fct_threads') }}
),

pooled as (
    select
        *,
        greatest(waiting_since_at, gray_at) as entered_pool_at
    from threads
    where bucket = 'GRAY' and waiting_since_at is not null
),

final as (
    select
        tenant_id,
        thread_id,
        contact_hash,
        entered_pool_at,
        last_message_at,
        status,
        best_score,
        {{ seconds_between('entered_pool_at', current_as_of()) }} as seconds_in_pool
    from pooled
)

select * from final
