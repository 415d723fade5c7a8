"""Retention: days of raw that are old enough, and that the warehouse has built, are dropped and counted."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors, sql

from . import __version__
from .archive import require_archived
from .errors import DatabaseError, PruneError
from .store import Store

# A table cannot be dropped while it is read. Who waits for the lock keeps all others waiting behind it.
_LOCK_TIMEOUT_MS = 10_000
_BUILD = "run: dbt build"


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was dropped, or would be. cutoff: the first day in UTC that stays; partitions: days of raw.events."""

    cutoff: date
    partitions: int
    events: int
    dead_letters: int

    def __str__(self) -> str:
        return (
            f"{self.partitions} days of raw.events from before {self.cutoff}: {self.events} lines, "
            f"and {self.dead_letters} dead letters"
        )


def prune(
    connection: psycopg.Connection[Any],
    cutoff: date,
    *,
    archived_in: Path | None = None,
    dry_run: bool = False,
    lock_timeout_ms: int = _LOCK_TIMEOUT_MS,
) -> Pruned | None:
    """Drop what was loaded before ``cutoff``, a day in UTC, in one transaction; None if there is nothing.

    connection: in autocommit mode, as the owner of the database.
    archived_in: the folder of an archive that must hold all that is dropped, read again to its last byte.
    dry_run: count only. lock_timeout_ms: how long to wait for who loads, and for who reads raw.events.
    Raises PruneError if the warehouse has not built all of it, or something reads it or depends on it; ArchiveError if
    the archive lacks some of it; DatabaseError if the database cannot be used so, or a loader is in a batch for longer.
    """
    store = Store(connection, __version__)
    store.require_schema()
    store.lock(timeout_ms=lock_timeout_ms)
    if archived_in:
        # Before raw.events is locked, for files are read: no loader, no archive and no erasure changes a day meanwhile.
        require_archived(connection, archived_in, cutoff)
    try:
        with connection.transaction(force_rollback=dry_run):
            if not dry_run:
                connection.execute(sql.SQL("set local lock_timeout = {}").format(lock_timeout_ms))
                # Before anything is asked: nobody can add to a day between the question and the drop.
                connection.execute("lock table raw.events in access exclusive mode")
            return _prune(connection, cutoff)
    except errors.LockNotAvailable:
        raise PruneError("raw.events is being read, by a build or a query", "run this again when it is done") from None
    except errors.DependentObjectsStillExist as error:
        raise PruneError(error.diag.message_detail or str(error), "drop what was made on a day of raw.events") from None
    except errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"{connection.info.user} may not prune the database {connection.info.dbname}: {error.diag.message_primary}",
            "connect as the database's owner",
        ) from None


def _prune(connection: psycopg.Connection[Any], cutoff: date) -> Pruned | None:
    _require_built(connection, cutoff)
    partitions = [
        name
        for (name,) in connection.execute(
            "select relname from pg_inherits inner join pg_class on pg_class.oid = inhrelid"
            " where inhparent = 'raw.events'::regclass and relname < %s order by relname",
            [f"events_{cutoff:%Y%m%d}"],
        )
    ]
    row = connection.execute("select max(cutoff) >= %s from raw.prunings", [cutoff]).fetchone()
    if (row and row[0]) or not (partitions or _has_loads(connection, cutoff)):
        return None
    events, dead_letters = _record(connection, cutoff, len(partitions))
    for partition in partitions:
        connection.execute(sql.SQL("drop table {}").format(sql.Identifier("raw", partition)))
    return Pruned(cutoff, len(partitions), events, dead_letters)


def _require_built(connection: psycopg.Connection[Any], cutoff: date) -> None:
    """The warehouse's own word for it: ``is_built`` of ``staging.stg_pipeline__loads``."""
    try:
        with connection.transaction():
            connection.execute("set local role transformer")
            row = connection.execute(
                "select count(*), min(load_id) from staging.stg_pipeline__loads"
                " where loaded_on < %s and is_built is not true",
                [cutoff],
            ).fetchone()
            connection.execute("reset role")
    except (errors.UndefinedTable, errors.UndefinedColumn):
        if _has_loads(connection, cutoff):
            raise PruneError("the warehouse is not built, or by an older version", _BUILD) from None
        return
    if row and row[0]:
        raise PruneError(f"{row[0]} loads from before {cutoff} are not built yet, the first is {row[1]}", _BUILD)


def _has_loads(connection: psycopg.Connection[Any], cutoff: date) -> bool:
    row = connection.execute(
        "select exists (select 1 from raw.loads where loaded_on < %s"
        " and loaded_on >= (select coalesce(max(cutoff), '-infinity') from raw.prunings))",
        [cutoff],
    ).fetchone()
    return row is not None and bool(row[0])


def _record(connection: psycopg.Connection[Any], cutoff: date, partitions: int) -> tuple[int, int]:
    """Write down what goes, per file, and delete the dead letters. Returns how many events and dead letters go."""
    row = connection.execute(
        "with gone as ("
        "    select load_id, source_file_id, lines_loaded - ("
        "        select count(*) from raw.erased_lines as erased"
        "        where erased.load_id = loads.load_id and erased.held_in = 'events'"
        "    ) as lines from raw.loads where loaded_on < %(cutoff)s"
        "    and loaded_on >= (select coalesce(max(cutoff), '-infinity') from raw.prunings)"
        "), pruning as ("
        "    insert into raw.prunings (cutoff, partitions_count, loader_version)"
        "    values (%(cutoff)s, %(partitions)s, %(version)s) returning pruning_id"
        "), letters as ("
        "    delete from raw.dead_letters where load_id in (select load_id from gone) returning source_file_id, state"
        "), counted as ("
        # A line that was retried with success is an event of another load.
        "    select source_file_id, sum(events)::bigint as events, sum(letters)::bigint as letters,"
        "        sum(discarded)::bigint as discarded"
        "    from (select source_file_id, lines as events, 0 as letters, 0 as discarded from gone"
        "          union all select source_file_id, 0, 1, (state = 'discarded')::int from letters"
        "          where state <> 'retried') as lines group by source_file_id"
        "), recorded as ("
        "    insert into raw.pruned_lines"
        "        (pruning_id, source_file_id, events_count, dead_letters_count, discarded_count)"
        "    select pruning_id, source_file_id, events, letters, discarded from pruning cross join counted"
        "    returning events_count, dead_letters_count"
        ") select coalesce(sum(events_count), 0)::bigint, coalesce(sum(dead_letters_count), 0)::bigint from recorded",
        {"cutoff": cutoff, "partitions": partitions, "version": __version__},
    ).fetchone()
    return row if row else (0, 0)
