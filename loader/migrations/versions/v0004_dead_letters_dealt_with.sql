-- Dead letters that are dealt with: loaded again or given up. Their bytes go, the rows stay.
alter table raw.dead_letters
alter column line drop not null,
drop constraint dead_letters_state_check,
add column settled_at timestamptz,
add column retry_load_id bigint references raw.loads,
add constraint dead_letters_state_known check (state in ('new', 'retried', 'discarded')),
add constraint only_new_dead_letters_hold_lines check (
    (state = 'new') = (line is not null) and (state = 'new') = (settled_at is null)
),
add constraint retried_dead_letters_name_their_load check ((state = 'retried') = (retry_load_id is not null));

comment on column raw.dead_letters.line is
'the line as it was, cut at the length limit of the load; null once it is retried with success or discarded';
comment on column raw.dead_letters.settled_at is 'when it was retried with success, or discarded';
comment on column raw.dead_letters.retry_load_id is 'the load that took the line when it was retried';

-- A load of retried lines reads no file: the lines that it loads were read, and rejected, by earlier loads.
alter table raw.loads
add column lines_retried bigint not null default 0,
alter column first_line drop not null,
alter column last_line drop not null,
alter column bytes_from drop not null,
alter column bytes_to drop not null,
alter column head_hash drop not null,
alter column content_hash drop not null,
drop constraint every_line_is_accounted_for,
add constraint every_line_is_accounted_for check (
    lines_read + lines_retried = lines_loaded + lines_rejected
    and case
        when lines_retried = 0
            then
                lines_read = last_line - first_line + 1
                and num_nulls(first_line, last_line, bytes_from, bytes_to, head_hash, content_hash) = 0
        else
            lines_read = 0
            and num_nonnulls(first_line, last_line, bytes_from, bytes_to, head_hash, content_hash) = 0
    end
);

comment on column raw.loads.lines_retried is
'of the loaded lines, those that were dead letters of earlier loads; such a load reads no file';

alter table raw.pruned_lines add column discarded_count bigint not null default 0;

comment on column raw.pruned_lines.dead_letters_count is 'without those that were retried with success';
comment on column raw.pruned_lines.discarded_count is 'of the dead letters, those that had been discarded';
