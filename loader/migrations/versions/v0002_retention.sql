-- The day of each load, and what `loader prune` writes down.

-- For some hours version 1 was another one, with another fingerprint of files: all of them would be loaded once more.
do $$
begin
    if not exists (
        select 1 from pg_attribute where attrelid = 'raw.loads'::regclass and attname = 'head_hash'
    ) then
        raise exception 'its files would not be known again; drop the schema raw, and load the log files anew';
    end if;
end
$$;

-- The day may be the one before that of loaded_at, so the lines are asked.
alter table raw.loads add column loaded_on date;
update raw.loads set loaded_on = coalesce(days.loaded_on, cast(loads.loaded_at at time zone 'UTC' as date))
from raw.loads as same_loads
left join (select load_id, min(loaded_on) as loaded_on from raw.events group by load_id) as days
    on same_loads.load_id = days.load_id
where loads.load_id = same_loads.load_id;
alter table raw.loads
alter column loaded_on set not null,
alter column loaded_on set default cast(clock_timestamp() at time zone 'UTC' as date);
comment on column raw.loads.loaded_on is 'day of the load in UTC, as in raw.events';

-- grain: one row per run of `loader prune` that pruned something
create table raw.prunings (
    pruning_id bigint generated always as identity primary key,
    cutoff date not null unique,
    pruned_at timestamptz not null default clock_timestamp(),
    partitions_count bigint not null,
    loader_version text not null
);

comment on column raw.prunings.cutoff is 'what was loaded before this day in UTC is gone';

-- grain: one row per pruning and file of which it pruned lines
create table raw.pruned_lines (
    pruning_id bigint not null references raw.prunings,
    source_file_id bigint not null references raw.source_files,
    events_count bigint not null,
    dead_letters_count bigint not null,
    primary key (pruning_id, source_file_id)
);

comment on table raw.pruned_lines is 'per file, lines read = events + dead letters + what is counted here';
