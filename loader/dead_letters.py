"""Dead letters: finding them, reading their lines, giving them up. Loading them again: :mod:`loader.retry_letters`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import psycopg
from psycopg import errors, sql
from psycopg.rows import class_row, scalar_row

from .errors import DatabaseError, UsageError
from .rejection import Reason

State = Literal["new", "retried", "discarded"]
REASONS: tuple[str, ...] = get_args(Reason)
STATES: tuple[str, ...] = get_args(State)

FROM_LETTERS = sql.SQL(
    " from raw.dead_letters as letters"
    " inner join raw.source_files as files on letters.source_file_id = files.source_file_id"
)
#: That a letter is open and holds the whole line, so that it can be judged anew.
IS_WHOLE = sql.SQL("letters.state = 'new' and octet_length(letters.line) = letters.line_bytes")
_COLUMNS = sql.SQL(
    "letters.dead_letter_id, letters.state, letters.reason, letters.detail, files.path, letters.source_file_id,"
    " letters.line_number, letters.line_bytes, coalesce(octet_length(letters.line), 0) as kept_bytes,"
    " letters.load_id, letters.recorded_at, letters.settled_at, letters.retry_load_id"
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which dead letters; all that are given must hold.

    file: path of the log file or a part of it. since, until: when the line was rejected, from and up to but without.
    """

    ids: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    file: str = ""
    since: datetime | None = None
    until: datetime | None = None
    load: int | None = None
    state: str | None = None

    def condition(self) -> sql.Composed:
        """For a ``where`` behind :data:`FROM_LETTERS`; the values are :meth:`values`."""
        conditions = [
            condition
            for is_given, condition in (
                (self.ids, sql.SQL("letters.dead_letter_id = any(cast(%(ids)s as bigint[]))")),
                (self.reasons, sql.SQL("letters.reason = any(cast(%(reasons)s as text[]))")),
                (self.file, sql.SQL("strpos(files.path, %(file)s) > 0")),
                (self.since, sql.SQL("letters.recorded_at >= %(since)s")),
                (self.until, sql.SQL("letters.recorded_at < %(until)s")),
                (self.load, sql.SQL("letters.load_id = %(load)s")),
                (self.state, sql.SQL("letters.state = %(state)s")),
            )
            if is_given
        ]
        return sql.SQL(" and ").join(conditions or [sql.SQL("true")])

    def values(self) -> dict[str, Any]:
        return {
            "ids": list(self.ids),
            "reasons": list(self.reasons),
            "file": self.file,
            "since": self.since,
            "until": self.until,
            "load": self.load,
            "state": self.state,
        }


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter without its line.

    line_bytes: true length of the line; kept_bytes: how many of them are kept, 0 once it is settled.
    settled_at: when it was retried with success, or discarded; retry_load_id: the load that then took the line.
    """

    dead_letter_id: int
    state: State
    reason: str
    detail: str
    path: str
    source_file_id: int
    line_number: int
    line_bytes: int
    kept_bytes: int
    load_id: int
    recorded_at: datetime
    settled_at: datetime | None
    retry_load_id: int | None

    @property
    def is_cut(self) -> bool:
        """Whether only the beginning of the line is kept."""
        return self.state == "new" and self.kept_bytes < self.line_bytes


@dataclass(frozen=True, slots=True)
class Count:
    """How many dead letters have this reason and state."""

    reason: str
    state: State
    dead_letters: int


def count_letters(connection: psycopg.Connection[Any], filters: Filters) -> list[Count]:
    """Counts by reason and state, the most frequent first."""
    query = sql.SQL(
        "select letters.reason, letters.state, count(*) as dead_letters {} where {}"
        " group by letters.reason, letters.state order by count(*) desc, letters.reason, letters.state"
    ).format(FROM_LETTERS, filters.condition())
    with connection.cursor(row_factory=class_row(Count)) as cursor:
        return cursor.execute(query, filters.values()).fetchall()


def list_letters(connection: psycopg.Connection[Any], filters: Filters, limit: int) -> list[DeadLetter]:
    """The first ``limit`` dead letters in the order in which they were recorded."""
    query = sql.SQL("select {} {} where {} order by letters.dead_letter_id limit {}").format(
        _COLUMNS, FROM_LETTERS, filters.condition(), limit
    )
    with connection.cursor(row_factory=class_row(DeadLetter)) as cursor:
        return cursor.execute(query, filters.values()).fetchall()


def get_letter(connection: psycopg.Connection[Any], dead_letter_id: int) -> DeadLetter:
    """Raises UsageError if there is none with this id."""
    found = list_letters(connection, Filters(ids=(dead_letter_id,)), 1)
    if not found:
        raise UsageError(f"there is no dead letter {dead_letter_id}", "see which there are: loader dead-letters list")
    return found[0]


def require_letters(connection: psycopg.Connection[Any], ids: tuple[int, ...]) -> None:
    """Raises UsageError if one of these dead letters does not exist."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        missing = cursor.execute(
            "select min(id) from unnest(cast(%s as bigint[])) as id"
            " where not exists (select 1 from raw.dead_letters where dead_letter_id = id)",
            (list(ids),),
        ).fetchone()
    if missing is not None:
        raise UsageError(f"there is no dead letter {missing}", "see which there are: loader dead-letters list")


def read_line(connection: psycopg.Connection[Any], dead_letter_id: int) -> bytes | None:
    """The line as it was, or its beginning; None if it is settled."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        line: bytes | None = cursor.execute(
            "select line from raw.dead_letters where dead_letter_id = %s", (dead_letter_id,)
        ).fetchone()
        return line


def read_letters(connection: psycopg.Connection[Any], filters: Filters) -> Iterator[tuple[DeadLetter, bytes]]:
    """The dead letters that are open with their lines, one at a time: memory holds one line."""
    query = sql.SQL("select letters.line, {} {} where letters.state = 'new' and {} order by letters.dead_letter_id")
    with connection.cursor() as cursor:
        for line, *columns in cursor.stream(
            query.format(_COLUMNS, FROM_LETTERS, filters.condition()), filters.values()
        ):
            yield DeadLetter(*columns), line


def discard_letters(connection: psycopg.Connection[Any], filters: Filters) -> int:
    """Give the open ones up, as the owner of the database. Returns how many: they stay counted, their lines go.

    Raises DatabaseError for a user who may not.
    """
    # In the order of the ids, like a retry: two that wait for each other would be one too many.
    query = sql.SQL(
        "with picked as ("
        "    select letters.dead_letter_id {} where letters.state = 'new' and {}"
        "    order by letters.dead_letter_id for update of letters"
        ") update raw.dead_letters set state = 'discarded', line = null, settled_at = clock_timestamp()"
        " from picked where dead_letters.dead_letter_id = picked.dead_letter_id"
    ).format(FROM_LETTERS, filters.condition())
    with as_owner(connection), connection.transaction():
        return connection.execute(query, filters.values()).rowcount


@contextmanager
def as_owner(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """What only the owner of the database may do to dead letters. Raises DatabaseError for others."""
    try:
        yield
    except errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"{connection.info.user} may not change dead letters in the database {connection.info.dbname}: "
            f"{error.diag.message_primary}",
            "connect as the database's owner",
        ) from None
