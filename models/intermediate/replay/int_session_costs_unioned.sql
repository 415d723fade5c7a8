-- grain: one row per use of tokens or call of a workflow in a session, with its cost
with

token_usages as (
    select * from {{ ref('int_token_usages_priced') }}
),

api_calls as (
    select * from {{ ref('int_api_calls_priced') }}
),

final as (
    select
        tenant_id, session_id, event_id, used_at as occurred_at, emitter_id, seq,
        token_cost_amount as cost_amount, is_unpriced
    from token_usages
    union all
    select
        tenant_id, session_id, event_id, called_at as occurred_at, emitter_id, seq,
        api_cost_amount as cost_amount, is_unpriced
    from api_calls
)

select * from final
