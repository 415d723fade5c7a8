"""The SQL of ingest. What belongs together is one transaction of the caller."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, sql
from psycopg.rows import kwargs_row

from .content_key import key_of_head
from .copytext import COLUMNS
from .errors import DatabaseError, MovedOnError
from .fingerprint import Fingerprint
from .known import KnownFile, Prefix
from .locks import share_loads, take_loads_alone
from .rejection import Rejection
from .schema import require_schema
from .sources import LogFile
from .summary import Load

#: What PostgreSQL may find wrong with a value that is valid JSON: a number too large for it, a limit of its types.
REFUSALS = (errors.DataError, errors.ProgramLimitExceeded, errors.StatementTooComplex)

# How long who must be alone waits for the batches under way; a batch takes less than a second.
_ALONE_TIMEOUT_MS = 10_000

# Contents that begin with the same line. A file of one's own is none of them, or one of the last.
_MAX_TWINS = 100
_COPY_EVENTS = sql.SQL("copy raw.events ({}) from stdin").format(sql.SQL(", ").join(map(sql.Identifier, COLUMNS)))
_KNOWN_COLUMNS = sql.SQL(
    "source_file_id, path, device, inode, head_bytes, head_hash, tail_chain_hash, content_hash, "
    "bytes_consumed, lines_consumed, size, mtime_ns"
)


class Batch(NamedTuple):
    """Ids and day of a transaction, known before its rows are copied."""

    load_id: int
    source_file_id: int
    loaded_on: date


class Store:
    """The raw schema as ingest uses it, on a connection in autocommit mode that acts as the role ``loader``."""

    def __init__(self, connection: psycopg.Connection[Any], loader_version: str) -> None:
        self.connection = connection
        self._version = loader_version

    def require_schema(self) -> None:
        """Raises DatabaseError if the database does not have this loader's version of the raw schema."""
        require_schema(self.connection)

    def lock(self, *, timeout_ms: int = _ALONE_TIMEOUT_MS) -> None:
        """Keep loaders out until the connection ends, for what is no ingest; see :mod:`loader.locks`.

        timeout_ms: how long to wait for their batches under way. Raises DatabaseError if one takes longer.
        """
        take_loads_alone(self.connection, timeout_ms=timeout_ms)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """The transaction of a batch."""
        with self.connection.transaction():
            share_loads(self.connection)
            yield

    def is_unchanged(self, log_file: LogFile) -> bool:
        """Whether the file was read to its end and looks exactly as it did then."""
        found = self.connection.execute(
            "select 1 from raw.source_files"
            " where path = %(path)s and device = %(device)s and inode = %(inode)s"
            " and size = %(size)s and mtime_ns = %(mtime_ns)s",
            _place(log_file) | {"size": log_file.size, "mtime_ns": log_file.mtime_ns},
        ).fetchone()
        return found is not None

    def at_place(self, device: int, inode: int) -> KnownFile | None:
        return self._known(sql.SQL("device = %s and inode = %s"), (device, inode))

    def place_of(self, source_file_id: int) -> KnownFile:
        known = self._known(sql.SQL("source_file_id = %s"), (source_file_id,))
        if known is None:
            raise DatabaseError(f"raw.source_files has no row {source_file_id}", "restore the table from a backup")
        return known

    def with_key(self, key: int) -> list[KnownFile]:
        query = sql.SQL("select {} from raw.source_files where content_key = %s order by last_read_at desc limit {}")
        with self.connection.cursor(row_factory=kwargs_row(_known_file)) as cursor:
            return cursor.execute(query.format(_KNOWN_COLUMNS, _MAX_TWINS), (key,)).fetchall()

    def prefixes(self, heads: Sequence[bytes]) -> list[Prefix]:
        rows = self.connection.execute(
            "select loads.source_file_id, loads.bytes_to, loads.last_line, loads.content_hash,"
            " loads.bytes_to = source_files.bytes_consumed"
            " from raw.source_files inner join raw.loads on source_files.source_file_id = loads.source_file_id"
            " where loads.head_hash = any(%s)",
            (list(heads),),
        )
        return [Prefix(*row) for row in rows]

    def begin(self, source_file_id: int | None) -> Batch:
        """Ids for a batch, and the partition of today. Not undone by a rollback: ids may have gaps."""
        row = self.connection.execute(
            "select nextval('raw.loads_load_id_seq'),"
            " coalesce(%s::bigint, nextval('raw.source_files_source_file_id_seq')), today.day,"
            " raw.ensure_partition(today.day)"
            " from (select cast(clock_timestamp() at time zone 'UTC' as date) as day) as today",
            (source_file_id,),
        ).fetchone()
        if row is None:
            raise DatabaseError("the database gave no ids for a load", "run the command again")
        return Batch(*row[:3])

    def copy(self, texts: Iterable[bytes]) -> None:
        """COPY rows in text format. Raises one of REFUSALS for a value that PostgreSQL does not take."""
        with self.connection.cursor() as cursor, cursor.copy(_COPY_EVENTS) as copy:
            for text in texts:
                copy.write(text)

    def record(
        self, batch: Batch, load: Load, log_file: LogFile, fingerprint: Fingerprint, rejections: Sequence[Rejection]
    ) -> None:
        """The rest of a batch's transaction: the file's new position, the load, the dead letters.

        Raises MovedOnError if the file's position is no longer the one that the batch began at.
        """
        place = _place(log_file) | {"id": batch.source_file_id}
        self._leave_place(place)
        position = {
            "head_bytes": fingerprint.head_bytes,
            "head_hash": fingerprint.head_hash,
            "tail_chain_hash": fingerprint.tail_chain_hash,
            "content_hash": fingerprint.content_hash,
            "content_key": key_of_head(fingerprint.head),
        }
        recorded = self.connection.execute(
            "insert into raw.source_files as known (source_file_id, path, device, inode, compression, head_bytes,"
            " head_hash, tail_chain_hash, content_hash, bytes_consumed, lines_consumed, inherited_lines,"
            " content_key) values (%(id)s, %(path)s, %(device)s, %(inode)s, %(compression)s, %(head_bytes)s,"
            " %(head_hash)s, %(tail_chain_hash)s, %(content_hash)s, %(bytes_to)s, %(last_line)s, %(first_line)s - 1,"
            " %(content_key)s)"
            " on conflict (source_file_id) do update set path = excluded.path, device = excluded.device,"
            " inode = excluded.inode, compression = excluded.compression, head_bytes = excluded.head_bytes,"
            " head_hash = excluded.head_hash, tail_chain_hash = excluded.tail_chain_hash,"
            " content_hash = excluded.content_hash, bytes_consumed = excluded.bytes_consumed,"
            " lines_consumed = excluded.lines_consumed, content_key = excluded.content_key, size = null,"
            " mtime_ns = null, last_read_at = clock_timestamp() where known.bytes_consumed = %(bytes_from)s",
            place | position | asdict(load),
        )
        if recorded.rowcount != 1:
            raise MovedOnError(self._name())
        self.connection.execute(
            "insert into raw.loads (load_id, source_file_id, first_line, last_line, lines_read, lines_loaded,"
            " lines_rejected, bytes_from, bytes_to, head_hash, content_hash, loader_version, loaded_on)"
            " values (%(load_id)s, %(id)s, %(first_line)s, %(last_line)s, %(lines_read)s, %(lines_loaded)s,"
            " %(lines_rejected)s, %(bytes_from)s, %(bytes_to)s, %(head_hash)s, %(content_hash)s, %(version)s,"
            " %(loaded_on)s)",
            place
            | position
            | asdict(load)
            | {"load_id": batch.load_id, "version": self._version, "loaded_on": batch.loaded_on},
        )
        if rejections:
            self._copy_dead_letters(batch, rejections)

    def has_load(self, load_id: int) -> bool:
        """Whether a load was committed."""
        found = self.connection.execute("select 1 from raw.loads where load_id = %s", (load_id,)).fetchone()
        return found is not None

    def finish(self, source_file_id: int, log_file: LogFile) -> None:
        """Note that the file was read to its end as it stood."""
        place = _place(log_file) | {"id": source_file_id, "size": log_file.size, "mtime_ns": log_file.mtime_ns}
        with self.connection.transaction():
            self._leave_place(place)
            self.connection.execute(
                "update raw.source_files set path = %(path)s, device = %(device)s, inode = %(inode)s,"
                " compression = %(compression)s, size = %(size)s, mtime_ns = %(mtime_ns)s,"
                " last_read_at = clock_timestamp() where source_file_id = %(id)s",
                place,
            )

    def _known(self, condition: sql.SQL, values: tuple[int, ...]) -> KnownFile | None:
        query = sql.SQL("select {} from raw.source_files where {}").format(_KNOWN_COLUMNS, condition)
        with self.connection.cursor(row_factory=kwargs_row(_known_file)) as cursor:
            return cursor.execute(query, values).fetchone()

    def _leave_place(self, place: dict[str, Any]) -> None:
        """A place holds one content: what was there before is there no longer."""
        self.connection.execute(
            "update raw.source_files set device = null, inode = null, size = null, mtime_ns = null"
            " where device = %(device)s and inode = %(inode)s and source_file_id <> %(id)s",
            place,
        )

    def _copy_dead_letters(self, batch: Batch, rejections: Sequence[Rejection]) -> None:
        with (
            self.connection.cursor() as cursor,
            cursor.copy(
                "copy raw.dead_letters"
                " (load_id, source_file_id, line_number, line, line_bytes, reason, detail) from stdin"
            ) as copy,
        ):
            for rejection in rejections:
                copy.write_row(
                    (batch.load_id, batch.source_file_id, rejection.number, rejection.line, rejection.length,
                     rejection.reason, rejection.detail)
                )  # fmt: skip

    def _name(self) -> str:
        return self.connection.info.dbname


def _place(log_file: LogFile) -> dict[str, Any]:
    return {
        "path": str(log_file.path),
        "device": log_file.device,
        "inode": log_file.inode,
        "compression": log_file.compression,
    }


def _known_file(path: str, **columns: Any) -> KnownFile:
    return KnownFile(path=Path(path), **columns)
