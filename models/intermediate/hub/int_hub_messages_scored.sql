-- grain: one row per hub.message event of a thread, with its points
with

messages as (
    select * from {{ ref('stg_customer_hub__messages') }}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

hub_keywords as (
    select * from {{ ref('hub_keywords') }}
),

hub_score_points as (
    select * from {{ ref('hub_score_points') }}
),

rules as (
    select 'keyword' as rule, keyword as name, keyword_list, points, valid_from, valid_to
    from hub_keywords
    union all
    select rule, name, null as keyword_list, points, valid_from, valid_to
    from hub_score_points
),

dated as (
    select
        messages.*,
        {{ local_date('messages.occurred_at', 'tenants.timezone') }} as message_date
    from messages
    inner join tenants
        on messages.tenant_id = tenants.tenant_id
    where messages.thread_id is not null
),

-- One join with all rules, so that what is asked of one thread is asked of its messages alone.
matched as (
    select
        dated.event_id, dated.tenant_id, dated.thread_id, dated.contact_hash, dated.occurred_at, dated.emitter_id,
        dated.seq, dated.source_file_id, dated.line_number, dated.message_date, dated.speaker, dated.message_length,
        cast(coalesce(sum(rules.points) filter (where rules.keyword_list = 'pre_sales'), 0) as bigint)
            as pre_sales_points,
        cast(coalesce(sum(rules.points) filter (where rules.keyword_list = 'after_sales'), 0) as bigint)
            as after_sales_points,
        cast(coalesce(sum(rules.points) filter (where rules.keyword_list = 'bizdev'), 0) as bigint) as bizdev_points,
        count(*) filter (where rules.keyword_list = 'blacklist') as blacklisted_count,
        cast(coalesce(sum(rules.points) filter (
            where rules.rule in ('keyword', 'file_type', 'day', 'knowledge_base')
        ), 0) as bigint) as points,
        max(rules.points) filter (where rules.rule = 'message') as most_points,
        max(rules.points) filter (where rules.rule = 'bucket_from' and rules.name = 'WHITE') as white_from,
        max(rules.points) filter (where rules.rule = 'bucket_from' and rules.name = 'GRAY') as gray_from
    from dated
    left join rules
        on
            dated.message_date >= rules.valid_from
            and dated.message_date < coalesce(rules.valid_to, date '9999-12-31')
            and {{ is_hub_rule_matched('dated', 'rules') }}
    group by
        dated.event_id, dated.tenant_id, dated.thread_id, dated.contact_hash, dated.occurred_at, dated.emitter_id,
        dated.seq, dated.source_file_id, dated.line_number, dated.message_date, dated.speaker, dated.message_length
),

final as (
    select
        *,
        case
            when speaker != 'them' then null
            when blacklisted_count > 0 then 0
            else least(points, most_points)
        end as score
    from matched
)

select * from final
