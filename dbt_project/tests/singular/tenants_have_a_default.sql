-- Offender: the lack of the row `default`, which stands in for tenants that are not in the seed.
select 'default' as missing_tenant_id
where
    not exists (
        select 1
        from {{ ref('tenants') }}
        where tenant_id = 'default'
    )
