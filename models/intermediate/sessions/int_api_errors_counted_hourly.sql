-- grain: one row per tenant, local date, hour and endpoint that failed outside of all sessions
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        meta={'erased_with': 'whole'},
        pre_hook="{{ forget_touched_hours() }}",
        post_hook="{{ end_model() }}",
    )
}}
{% set touched = touched_hours() %}
with

api_errors as (
    select
        *,
        {{ hour_of('occurred_at') }} as hour_started_at
    from {{ ref('stg_ai_chatbot__api_errors') }}
    where
        session_id is null
        {% if is_incremental() %}
        and occurred_at >= (select min(touched.hour_started_at) from ({{ touched }}) as touched)
        {% endif %}
),

tenants as (
    select * from {{ ref('int_tenants_configured') }}
),

final as (
    select
        api_errors.tenant_id,
        {{ local_date('api_errors.occurred_at', 'tenants.timezone') }} as error_date,
        api_errors.hour_started_at,
        coalesce(api_errors.endpoint, 'unknown') as endpoint,
        count(*) as errors_count
    from api_errors
    inner join tenants
        on api_errors.tenant_id = tenants.tenant_id
    where
        {{ is_unpruned_hour('api_errors') }}
        {% if is_incremental() %}
        and (api_errors.tenant_id, api_errors.hour_started_at) in (
            select touched.tenant_id, touched.hour_started_at from ({{ touched }}) as touched
        )
        {% endif %}
    group by api_errors.tenant_id, error_date, api_errors.hour_started_at, api_errors.endpoint
)

select * from final
