"""What the raw schema holds, and how far it is behind the log files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from .discovery import find_files
from .schema import require_schema
from .sources import LogFile

#: Loss is told of so many days, up to the last one that bears lines.
_LOSS_DAYS = 7


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a run over some paths would have to read, told from names and sizes alone.

    files, bytes: of log files as they lie, packed or not. Of a plain file that grew only the growth counts; a copied or
        compressed file counts in full, although the run will know its content.
    unreadable: files and folders that cannot be looked at.
    """

    files: int
    bytes: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Loss:
    """Lines that were written and did not come, in the last days that bear lines, as the last build measured it.

    since: first of these days, in UTC.
    """

    since: date
    expected: int
    lost: int

    @property
    def rate(self) -> float | None:
        """Lost / expected; None without lines."""
        return self.lost / self.expected if self.expected else None


@dataclass(frozen=True, slots=True)
class Status:
    """What the raw schema holds. Ages are seconds by the server's clock, None while there is nothing.

    newest_event_at: of the last day on which events were loaded. loss: None while no build has measured it.
    rejected: without lines that were retried with success. dead_letters: lines by reason and state.
    """

    files: int
    lines: int
    loaded: int
    rejected: int
    loads: int
    last_load_at: datetime | None
    last_load_age_seconds: float | None
    newest_event_at: datetime | None
    newest_event_age_seconds: float | None
    dead_letters: dict[str, dict[str, int]]
    waiting: Waiting | None = None
    loss: Loss | None = None


def read_status(connection: psycopg.Connection[Any], paths: Iterable[Path] = ()) -> Status:
    """Counts over the whole raw schema, and what waits under ``paths``, as the role ``transformer``.

    Raises DatabaseError if the database does not have this loader's version of the schema, UsageError for paths without
    log files.
    """
    require_schema(connection)
    files, unreadable = find_files(paths)
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        totals = cursor.execute(
            "select count(*) as loads, coalesce(sum(lines_read), 0)::bigint as lines,"
            " coalesce(sum(lines_loaded), 0)::bigint as loaded,"
            " coalesce(sum(lines_rejected - lines_retried), 0)::bigint as rejected,"
            " max(loaded_at) as last_load_at,"
            " extract(epoch from clock_timestamp() - max(loaded_at))::float as last_load_age_seconds,"
            " (select count(*) from raw.source_files) as files from raw.loads"
        ).fetchone()
        # One day's partition: the whole of raw.events has no index to find the newest by.
        newest = cursor.execute(
            "select max(occurred_at) as newest_event_at,"
            " extract(epoch from clock_timestamp() - max(occurred_at))::float as newest_event_age_seconds"
            " from raw.events where loaded_on = (select max(loaded_on) from raw.loads where lines_loaded > 0)"
        ).fetchone()
        letters = cursor.execute(
            "select reason, state, count(*) as lines from raw.dead_letters group by reason, state"
            " order by sum(count(*)) over (partition by reason) desc, reason, state"
        ).fetchall()
        waiting = _waiting(cursor, files, len(unreadable)) if files or unreadable else None
        loss = _loss(cursor)
    dead_letters: dict[str, dict[str, int]] = {}
    for row in letters:
        dead_letters.setdefault(row["reason"], {})[row["state"]] = row["lines"]
    return Status(**(totals or {}), **(newest or {}), dead_letters=dead_letters, waiting=waiting, loss=loss)


def _loss(cursor: psycopg.Cursor[dict[str, Any]]) -> Loss | None:
    built = cursor.execute("select to_regclass('marts.event_loss_daily') is not null as is_built").fetchone()
    if not built or not built["is_built"]:
        return None
    row = cursor.execute(
        "with days as (select * from marts.event_loss_daily)"
        " select min(event_date) as since, sum(expected_lines_count)::bigint as expected,"
        " sum(lost_lines_count)::bigint as lost"
        " from days where event_date > (select max(event_date) from days) - %s",
        [_LOSS_DAYS],
    ).fetchone()
    return Loss(**row) if row and row["since"] else None


def _waiting(cursor: psycopg.Cursor[dict[str, Any]], files: list[LogFile], unreadable: int) -> Waiting:
    known = {
        (row["device"], row["inode"]): row
        for row in cursor.execute(
            "select device, inode, size, mtime_ns, compression, bytes_consumed from raw.source_files"
            " where (device, inode) in (select * from unnest(%s::bigint[], %s::bigint[]))",
            ([log_file.device for log_file in files], [log_file.inode for log_file in files]),
        )
    }
    sizes = [_unread(log_file, known.get((log_file.device, log_file.inode))) for log_file in files]
    return Waiting(sum(size > 0 for size in sizes), sum(sizes), unreadable)


def _unread(log_file: LogFile, known: dict[str, Any] | None) -> int:
    """Bytes of the file that no run has read."""
    if known is None:
        return log_file.size
    if (known["size"], known["mtime_ns"]) == (log_file.size, log_file.mtime_ns):
        return 0
    is_plain = log_file.compression == "none" == known["compression"]
    if is_plain and log_file.size >= known["bytes_consumed"]:
        return int(log_file.size - known["bytes_consumed"])
    return log_file.size


def words(status: Status) -> list[str]:
    """The status for people, a line each."""
    lines = [
        f"files      {status.files}",
        f"lines      {status.lines} read, {status.loaded} loaded, {status.rejected} rejected",
        f"loads      {status.loads}, the last {_instant(status.last_load_at, status.last_load_age_seconds)}",
        f"newest     {_instant(status.newest_event_at, status.newest_event_age_seconds)}",
    ]
    if waiting := status.waiting:
        lines.append(f"waiting    {waiting.files} files, {waiting.bytes} bytes to read")
        if waiting.unreadable:
            lines.append(f"unreadable {waiting.unreadable} files or folders")
    if loss := status.loss:
        lines.append(f"loss       {loss.lost} of {loss.expected} lines since {loss.since}: {loss.rate or 0:.6f}")
    for reason, states in status.dead_letters.items():
        lines += [f"rejected   {count} {reason}, {state}" for state, count in states.items()]
    return lines


def _instant(instant: datetime | None, age_seconds: float | None) -> str:
    if instant is None or age_seconds is None:
        return "never"
    return f"{instant.isoformat(timespec='seconds')}, {_span(age_seconds)}"


def _span(seconds: float) -> str:
    """A time span in its largest whole unit; an event may be ahead of the server's clock."""
    size = abs(seconds)
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if size >= 2 * length:
            return f"{size / length:.0f} {unit} {'ago' if seconds > 0 else 'ahead'}"
    return f"{size:.0f} seconds {'ago' if seconds >= 0 else 'ahead'}"
