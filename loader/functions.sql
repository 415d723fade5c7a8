-- Functions of the raw schema; replaced at every set-up.

-- Makes the partition of a day. The loader may only insert, so this runs with its owner's rights.
-- A table made apart and then attached: "create table … partition of" would lock out all readers of raw.events.
create or replace function raw.ensure_partition(day date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    partition_name text := 'events_' || to_char(day, 'YYYYMMDD');
begin
    if to_regclass('raw.' || partition_name) is not null then
        return;
    end if;
    -- Another loader may be making it. What the catalog's cache said before waiting for it is old; a query is not.
    perform pg_advisory_xact_lock(hashtext('raw.ensure_partition'));
    if exists (select from pg_class where relname = partition_name and relnamespace = 'raw'::regnamespace) then
        return;
    end if;
    execute format('create table raw.%I (like raw.events including all)', partition_name);
    execute format(
        'alter table raw.events attach partition raw.%I for values from (%L) to (%L)', partition_name, day, day + 1
    );
end
$$;
revoke all on function raw.ensure_partition(date) from public;
