-- The number that an erased line had within its emitter: else its gap would be taken for a lost line.
alter table raw.erased_lines
add column product text,
add column emitter_id text,
add column seq bigint,
add column occurred_on date;

comment on column raw.erased_lines.seq is
'number within its emitter, which tells a line that was erased from one that was lost; null: it had none, or is older';
comment on column raw.erased_lines.occurred_on is 'day in UTC of the event';

-- What is newest is looked up by day: the loads of a desk that is followed are many.
create index loads_loaded_on on raw.loads (loaded_on);
