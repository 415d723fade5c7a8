-- Which contents begin with the same line, so that a copy made between two loads of its original is recognised.
alter table raw.source_files add column content_key bigint;
create index source_files_content_key on raw.source_files (content_key);

comment on column raw.source_files.content_key is
    'hash of the first line, cut at 4096 bytes; null: not read since there are keys';
