-- grain: one row per daily mart, tenant, local date, figure and build that changed it
with

versions as (
    select * from {{ ref('int_daily_figures_versioned') }}
),

builds as (
    {{ builds_begun() }}
),

followed as (
    select
        *,
        lag(figures) over (partition by mart_name, tenant_id, calendar_date order by build_id) as figures_before
    from versions
),

listed as (
    select
        *,
        {{ json_keys_listed('coalesce(figures, figures_before)') }} as figure
    from followed
    where figures_before is not null
),

valued as (
    select
        *,
        {{ json_number_at('figures_before', 'figure') }} as old_value,
        {{ json_number_at('figures', 'figure') }} as new_value
    from listed
    -- A figure that a new version of the mart has brought did not change.
    where {{ json_has_key('figures_before', 'figure') }}
),

final as (
    select
        valued.mart_name,
        valued.tenant_id,
        valued.calendar_date,
        valued.figure,
        valued.build_id as changed_by_build_id,
        builds.begun_at as changed_at,
        valued.old_value,
        valued.new_value,
        valued.new_value - valued.old_value as difference,
        valued.new_events_count,
        {{ reasons_of_change('valued') }} as reason
    from valued
    inner join builds
        on valued.build_id = builds.build_id
    where valued.old_value is distinct from valued.new_value
)

select * from final
