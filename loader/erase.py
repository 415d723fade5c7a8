"""Erasure: one person's lines leave raw, dead letters and archives, and what comes of them later is kept out."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors

from . import __version__, erase_rows
from .archive import open_archive
from .archive_files import ArchiveFolder
from .erase_archive import rewrite, settle
from .erase_search import Search, Subject
from .errors import DatabaseError, EraseError
from .person import Person
from .store import Store

# dbt's own lock of builds, and how long a build is silent at most: see dbt_project/macros/builds.sql.
_BUILD_LOCK = (740214, 1)
_SILENT_BUILD_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, or would be: cases, and lines by where they were.

    warehouse_lines: of days that raw has pruned, still among the built lines; dbt deletes them.
    archived_lines: copies of lines that raw may hold too. log_files: where the lines came from, as last seen.
    """

    sessions: int
    tickets: int
    threads: int
    events: int
    dead_letters: int
    warehouse_lines: int
    archived_lines: int
    log_files: list[str]

    def __str__(self) -> str:
        return (
            f"{self.events} lines of raw.events, {self.dead_letters} dead letters, {self.archived_lines} archived "
            f"lines and {self.warehouse_lines} lines of pruned days, with {self.sessions} sessions, "
            f"{self.tickets} tickets and {self.threads} threads"
        )


def erase(
    connection: psycopg.Connection[Any],
    subject: Subject,
    archives: Iterable[Path] = (),
    *,
    are_all_archives: bool = False,
    dry_run: bool = False,
) -> Erased:
    """Erase a person: all lines that name them, and all lines of the sessions, tickets and threads that do.

    connection: in autocommit mode, as the owner of the database.
    archives: folders to erase in; are_all_archives: whatever else is recorded is gone.
    dry_run: count only.
    Raises EraseError if it is not clear who is meant, or an archive is not named; DatabaseError if the database cannot
    be used so, or a loader or a build is at work in it; ArchiveError if an archive cannot be read or written.
    """

    def persons(search: Search) -> tuple[int, list[Person]]:
        person = search.person(subject)
        return erase_rows.begin(connection, subject.kind, person.tenant_id, subject.value), [person]

    return _erase(connection, persons, archives, are_all_archives=are_all_archives, dry_run=dry_run)


def erase_latecomers(
    connection: psycopg.Connection[Any],
    archives: Iterable[Path] = (),
    *,
    are_all_archives: bool = False,
    dry_run: bool = False,
) -> Erased:
    """Erase the lines that came after their person was erased, which the warehouse has kept out, with their cases.

    Parameters and errors: see :func:`erase`.
    """

    def persons(search: Search) -> tuple[int, list[Person]]:
        if ("staging", "base_event_lines") not in search.lines:
            raise EraseError("the warehouse is not built, and says which lines came late", "run: dbt build")
        found = erase_rows.refused_cases(connection)
        erasure_id = erase_rows.begin(connection, "latecomers", None, None)
        for person in found:
            search.add_tickets(person)
        erase_rows.delete_refused(connection, erasure_id)
        return erasure_id, found

    return _erase(connection, persons, archives, are_all_archives=are_all_archives, dry_run=dry_run)


def _erase(
    connection: psycopg.Connection[Any],
    find: Callable[[Search], tuple[int, list[Person]]],
    archives: Iterable[Path],
    *,
    are_all_archives: bool,
    dry_run: bool,
) -> Erased:
    with _alone(connection):
        folders = _opened(connection, archives, are_all=are_all_archives)
        try:
            with connection.transaction(force_rollback=dry_run):
                search = Search(connection, folders)
                erasure_id, persons = find(search)
                for person in persons:
                    erase_rows.keep_out(connection, erasure_id, person)
                    erase_rows.delete_events(connection, erasure_id, person)
                    if ("staging", "base_event_lines") in search.lines:
                        erase_rows.note_built_lines(connection, erasure_id, person)
                    erase_rows.delete_letters(connection, erasure_id, person)
                positions = erase_rows.positions(connection, erasure_id)
                archived = rewrite(connection, folders, persons, positions, dry_run=dry_run)
                erase_rows.finish(connection, erasure_id, archived.lines)
                erased = _erased(connection, erasure_id, persons, archived.lines, archived.source_file_ids)
        finally:
            if not connection.closed:
                settle(connection, folders)
        if not dry_run:
            erase_rows.vacuum(connection, erasure_id)
    return erased


def _erased(
    connection: psycopg.Connection[Any], erasure_id: int, persons: list[Person], archived: int, files: set[int]
) -> Erased:
    lines = erase_rows.counts(connection, erasure_id)
    return Erased(
        sessions=sum(len(person.ids["session"]) for person in persons),
        tickets=sum(len(person.ids["ticket"]) for person in persons),
        threads=sum(len(person.ids["thread"]) for person in persons),
        events=lines.get("events", 0),
        dead_letters=lines.get("dead_letters", 0),
        warehouse_lines=lines.get("warehouse", 0),
        archived_lines=archived,
        log_files=erase_rows.log_files(connection, erasure_id, files),
    )


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """No loader, no pruning and no build at work until the connection ends."""
    try:
        store = Store(connection, __version__)
        store.require_schema()
        store.lock()
        if _is_building(connection):
            raise DatabaseError("a dbt build of this database is at work", "run this again when it has ended")
        yield
    except errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"{connection.info.user} may not erase in the database {connection.info.dbname}: "
            f"{error.diag.message_primary}",
            "connect as the database's owner",
        ) from None


def _is_building(connection: psycopg.Connection[Any]) -> bool:
    """Whether a build is at work; if not, none begins until the connection ends."""
    row = connection.execute("select pg_try_advisory_lock(%s, %s)", _BUILD_LOCK).fetchone()
    if row is None or not row[0]:
        return True
    if not connection.execute("select 1 where to_regclass('staging.builds') is not null").fetchone():
        return False
    begun = connection.execute(
        "select 1 from staging.builds where ended_at is null"
        " and begun_at > clock_timestamp() - %s * interval '1 second'",
        [_SILENT_BUILD_SECONDS],
    )
    return begun.fetchone() is not None


def _opened(connection: psycopg.Connection[Any], archives: Iterable[Path], *, are_all: bool) -> list[ArchiveFolder]:
    folders = [open_archive(connection, ArchiveFolder(path)) for path in archives]
    settle(connection, folders)
    if not are_all:
        row = connection.execute(
            "select count(*), min(folder) from raw.archives where archive_id <> all(%s)"
            " and exists (select 1 from raw.archived_days as days where days.archive_id = archives.archive_id)",
            [[folder.archive_id for folder in folders]],
        ).fetchone()
        if row and row[0]:
            raise EraseError(
                f"{row[0]} archives of this database are not named, one was last seen in {row[1]}",
                "name it with --archive FOLDER, or say --no-other-archive if it is gone",
            )
    return folders
