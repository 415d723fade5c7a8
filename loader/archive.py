"""Whole days of raw.events into a folder of Parquet files, each file recorded with its lines and its hash."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors, sql

from . import __version__
from .archive_files import ArchiveFolder, Row, Written, record_batch
from .errors import ArchiveError, DatabaseError
from .store import Store

# Loaders do not mind an archive that is being written; two writers of one would.
_LOCK_KEY = 0x6172_6368
# Days that are archived are over: who still writes to one is about to end.
_LOCK_TIMEOUT_MS = 10_000

# A row group of the file: enough rows to pack well, few enough that they are little memory, whatever their size.
_BATCH_ROWS = 50_000
_BATCH_CHARACTERS = 16 * 1024 * 1024

_TYPES = (
    "text",
    "text",
    "int8",
    "text",
    "text",
    "int4",
    "text",
    "int8",
    "text",
    "text",
    "text",
    "int8",
    "int8",
    "int8",
)
_COPY = sql.SQL(
    "copy (select event, event_id, cast(extract(epoch from occurred_at) * 1000000 as bigint), product, tenant_id,"
    " schema_version, emitter_id, seq, level, logger, payload::text, load_id, source_file_id, line_number"
    " from {}) to stdout (format binary)"
)


@dataclass(frozen=True, slots=True)
class Archived:
    """What a run did. before: the first day in UTC that it left alone; days, lines, size in bytes: newly written."""

    folder: str
    before: date
    days: int
    lines: int
    size: int
    days_kept: int

    def __str__(self) -> str:
        return (
            f"{self.days} days of raw.events from before {self.before}: {self.lines} lines, {self.size} bytes in "
            f"{self.folder}; {self.days_kept} days were there already"
        )


def archive(connection: psycopg.Connection[Any], folder: Path, before: date) -> Archived:
    """Write the days before ``before``, in UTC, that are in raw and not yet in the archive in ``folder``.

    connection: in autocommit mode, as the owner of the database; no other archive is written until it ends.
    Raises ArchiveError if the folder cannot be written or is another database's, DatabaseError if the database cannot
    be used so. Days that were written before the error stay.
    """
    Store(connection, __version__).require_schema()
    target = open_archive(connection, ArchiveFolder.made(folder))
    recorded = manifest(connection, target)
    target.finish(recorded)
    written, kept = [], 0
    for day, lines in _days(connection, before):
        known = recorded.get(day)
        if known and known.lines == lines and target.holds(day, known):
            kept += 1
        else:
            written.append(_write(connection, target, day, lines))
    lines, size = sum(file.lines for file in written), sum(file.size for file in written)
    return Archived(str(target.path), before, len(written), lines, size, kept)


def require_archived(connection: psycopg.Connection[Any], folder: Path, before: date) -> None:
    """Raises ArchiveError unless all of raw.events from before a day is in the archive, to the byte as recorded."""
    target = open_archive(connection, ArchiveFolder(folder))
    recorded = manifest(connection, target)
    missing = [
        day
        for day, lines in _days(connection, before)
        if not (known := recorded.get(day)) or known.lines != lines or not target.holds(day, known, to_the_byte=True)
    ]
    if missing:
        raise ArchiveError(
            f"{len(missing)} days of raw.events are not in the archive {folder} as they were written, the first is "
            f"{missing[0]}",
            f"move the file of the day away and run: loader archive --to {folder}",
        )


def open_archive(connection: psycopg.Connection[Any], folder: ArchiveFolder) -> ArchiveFolder:
    """The folder, for this connection alone, and noted where it is. Raises ArchiveError if it is not to be had."""
    row = connection.execute("select pg_try_advisory_lock(%s)", [_LOCK_KEY]).fetchone()
    if row is None or not row[0]:
        raise ArchiveError("an archive of this database is being written", "run the command again when it is done")
    try:
        known = connection.execute(
            "update raw.archives set folder = %s where archive_id = %s", [str(folder.path), folder.archive_id]
        ).rowcount
        if not known:
            if folder.days():
                raise ArchiveError(
                    f"{folder.path} is the archive of another database", "name another folder, or the other database"
                )
            connection.execute(
                "insert into raw.archives (archive_id, folder) values (%s, %s)", [folder.archive_id, str(folder.path)]
            )
    except errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"{connection.info.user} may not archive the database {connection.info.dbname}: "
            f"{error.diag.message_primary}",
            "connect as the database's owner",
        ) from None
    return folder


def manifest(connection: psycopg.Connection[Any], folder: ArchiveFolder) -> dict[date, Written]:
    """What was recorded of the files of an archive."""
    rows = connection.execute(
        "select loaded_on, lines_count, file_bytes, file_sha256 from raw.archived_days where archive_id = %s",
        [folder.archive_id],
    )
    return {day: Written(*rest) for day, *rest in rows}


def record(connection: psycopg.Connection[Any], folder: ArchiveFolder, day: date, written: Written) -> None:
    """Note what the file of a day holds, in place of what was noted before."""
    connection.execute(
        "insert into raw.archived_days (archive_id, loaded_on, lines_count, file_bytes, file_sha256, loader_version)"
        " values (%s, %s, %s, %s, %s, %s) on conflict (archive_id, loaded_on) do update set"
        " lines_count = excluded.lines_count, file_bytes = excluded.file_bytes, file_sha256 = excluded.file_sha256,"
        " archived_at = clock_timestamp(), loader_version = excluded.loader_version",
        [folder.archive_id, day, written.lines, written.size, written.sha256, __version__],
    )


def _days(connection: psycopg.Connection[Any], before: date) -> list[tuple[date, int]]:
    """Days before a day that have lines in raw.events, and how many by the books."""
    return connection.execute(
        "select loads.loaded_on, (sum(loads.lines_loaded) - sum(coalesce(erased.lines, 0)))::bigint as lines"
        " from raw.loads as loads left join ("
        "    select load_id, count(*) as lines from raw.erased_lines where held_in = 'events' group by load_id"
        " ) as erased on loads.load_id = erased.load_id"
        " where loads.loaded_on < %s"
        " and loads.loaded_on >= (select coalesce(max(cutoff), '-infinity') from raw.prunings)"
        " group by loads.loaded_on having sum(loads.lines_loaded) > 0 order by loads.loaded_on",
        [before],
    ).fetchall()


def _write(connection: psycopg.Connection[Any], target: ArchiveFolder, day: date, lines: int) -> Written:
    partition = sql.Identifier("raw", f"events_{day:%Y%m%d}")
    try:
        with connection.transaction():
            connection.execute(sql.SQL("set local lock_timeout = {}").format(_LOCK_TIMEOUT_MS))
            connection.execute(sql.SQL("lock table {} in share mode").format(partition))
            written = target.write(day, map(record_batch, _batches(_rows(connection, partition))))
            if written.lines != lines:
                raise ArchiveError(
                    f"raw.events has {written.lines} lines of {day}, and its books say {lines}",
                    "find out who changed raw.events by hand, and restore it from a backup",
                )
            # The name first: what is recorded is there.
            target.publish(day)
            record(connection, target, day, written)
    except errors.LockNotAvailable:
        raise ArchiveError(f"the day {day} of raw.events is being written", "run this again when it is done") from None
    return written


def _rows(connection: psycopg.Connection[Any], partition: sql.Identifier) -> Iterator[Row]:
    with connection.cursor() as cursor, cursor.copy(_COPY.format(partition)) as copy:
        copy.set_types(_TYPES)
        yield from map(Row._make, copy.rows())


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += len(row.payload)
        if len(batch) >= _BATCH_ROWS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
