-- What `loader archive` and `loader erase` write down.

-- grain: one row per folder of Parquet files, recognised by the id in it
create table raw.archives (
    archive_id uuid primary key,
    folder text not null,
    first_used_at timestamptz not null default clock_timestamp()
);

comment on column raw.archives.folder is 'where the archive was last seen';

-- grain: one row per archive and day of raw.events in it
create table raw.archived_days (
    archive_id uuid not null references raw.archives,
    loaded_on date not null,
    lines_count bigint not null,
    file_bytes bigint not null,
    file_sha256 bytea not null,
    archived_at timestamptz not null default clock_timestamp(),
    loader_version text not null,
    primary key (archive_id, loaded_on)
);

-- grain: one row per erasure of one person's lines
create table raw.erasures (
    erasure_id bigint generated always as identity primary key,
    kind text not null check (kind in ('session', 'customer', 'contact', 'latecomers')),
    id_hash text,
    tenant_id text,
    erased_at timestamptz not null default clock_timestamp(),
    archived_lines_count bigint not null,
    loader_version text not null
);

comment on column raw.erasures.id_hash is 'keyed hash of the id; null for lines that came after their erasure';
comment on column raw.erasures.archived_lines_count is 'lines that were taken out of archives';

-- grain: one row per session, ticket, thread, customer or contact that was erased: what comes for it is kept out
create table raw.erased_cases (
    case_hash text primary key,
    kind text not null check (kind in ('session', 'ticket', 'thread', 'customer', 'contact')),
    erased_before timestamptz not null,
    erasure_id bigint not null references raw.erasures
);

comment on column raw.erased_cases.case_hash is 'half of a keyed SHA-256 of kind, tenant and id';
comment on column raw.erased_cases.erased_before is 'events from before are kept out; infinity: all of them';

-- grain: one row per line that was erased: where it stood in its log file, and nothing of what it said
create table raw.erased_lines (
    load_id bigint not null references raw.loads,
    source_file_id bigint not null references raw.source_files,
    line_number bigint not null,
    held_in text not null check (held_in in ('events', 'dead_letters', 'warehouse')),
    erasure_id bigint not null references raw.erasures,
    primary key (load_id, source_file_id, line_number)
);

comment on column raw.erased_lines.held_in is 'warehouse: raw had pruned the line already, the built lines held it still';
