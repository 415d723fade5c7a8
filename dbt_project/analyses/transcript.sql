-- A conversation, to be read from top to bottom, on the tenant's clock. For psql:
--   loader db psql --role reader -v tenant=default -v session=s-0001 -f dbt_project/analyses/transcript.sql
-- A text stands in quotes; where texts are not captured, its length stands for it. ✗ marks what failed. Costs are those of the AI so far.
\set ON_ERROR_STOP on

select
    steps.step_number as "#",
    to_char(steps.occurred_at at time zone dim_tenants.timezone, 'HH24:MI:SS') as "Clock 时间",
    to_char(steps.seconds_since_previous, 'FM999,990.0') || ' s' as "After 间隔",
    case steps.actor_type
        when 'customer' then 'customer 客户'
        when 'ai' then 'AI'
        when 'agent' then coalesce(steps.agent_id, 'a human 人工')
        else '–'
    end as "Who 谁",
    concat_ws(
        ' ',
        replace(steps.step_type, '_', ' ') || coalesce(': ' || steps.detail, ''),
        coalesce('“' || steps.masked_text || '”', '(' || steps.message_length || ' characters)'),
        case when not steps.is_successful then '✗' end
    ) as "What 内容",
    steps.held_by_agent_id as "Held by 负责人",
    to_char(steps.running_ai_cost_amount, 'FM999,990.0000') || ' ' || steps.currency as "Spent 费用"
from marts.replay_steps as steps
inner join marts.dim_tenants
    on steps.tenant_id = dim_tenants.tenant_id
where steps.tenant_id = :'tenant' and steps.session_id = :'session'
order by steps.step_number;
