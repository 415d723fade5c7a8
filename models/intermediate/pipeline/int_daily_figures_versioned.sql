-- grain: one row per daily mart, tenant, local date and build after which the day's figures were others than before
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        meta={'is_history_of_builds': true, 'erased_with': 'whole'},
        indexes=[{'columns': ['tenant_id', 'calendar_date']}],
        post_hook="{{ end_model() }}",
    )
}}
with

resolution_days as (
    select * from {{ ref('ai_resolution_daily') }}
    {{ only_touched_months('session_date') }}
),

billing_days as (
    select * from {{ ref('billing_usage_daily') }}
    {{ only_touched_months('usage_date') }}
),

changes as (
    {{ changes_since_last_mark() }}
),

present as (
    select
        'ai_resolution_daily' as mart_name,
        tenant_id,
        session_date as calendar_date,
        {{ json_figures('resolution_days', ['tenant_id', 'session_date', 'currency', 'is_final']) }} as figures
    from resolution_days
    union all
    select
        'billing_usage_daily' as mart_name,
        tenant_id,
        usage_date as calendar_date,
        {{ json_figures('billing_days', ['tenant_id', 'usage_date', 'currency', 'is_final']) }} as figures
    from billing_days
),

{% if is_incremental() %}
-- Of several versions of a day the last one is what was reported.
reported as (
    select
        mart_name,
        tenant_id,
        calendar_date,
        (array_agg(figures order by build_id desc))[1] as figures_before
    from {{ this }}
    {{ only_touched_months('calendar_date') }}
    group by mart_name, tenant_id, calendar_date
),
{% endif %}

-- A day that is no more has no figures.
changed as (
    select mart_name, tenant_id, calendar_date, present.figures
    from present
    {{ 'full join reported using (mart_name, tenant_id, calendar_date)' if is_incremental() }}
    {{ 'where present.figures is distinct from reported.figures_before' if is_incremental() }}
),

-- To count the events of a build takes long; where no figure is another one, nobody asks for it.
new_events as (
    select * from ({{ new_events_of_days() }}) as counted
    where exists (select 1 from changed)
),

final as (
    select
        mart_name,
        tenant_id,
        calendar_date,
        changed.figures,
        coalesce(new_events.new_events_count, 0) as new_events_count,
        changes.has_new_parameters,
        changes.has_new_rules,
        changes.has_erasures,
        {{ current_build() }} as build_id
    from changed
    cross join changes
    left join new_events using (tenant_id, calendar_date)
)

select * from final
