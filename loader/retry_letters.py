"""Dead letters read again with today's rules: each line is loaded once, or stays a dead letter."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import scalar_row

from . import __version__
from .copytext import copy_text
from .dead_letters import FROM_LETTERS, IS_WHOLE, Filters, as_owner, require_letters
from .errors import DatabaseError
from .lines import Block
from .parsing import Parser
from .store import REFUSALS, Store

BATCH_LINES = 1_000
_BATCH_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class Retried:
    """What became of the chosen dead letters.

    loaded: lines that are events now. rejected: lines that break the contract still. cut: of these lines only the
    beginning is kept, so they were not tried. settled: had been retried or discarded before.
    """

    loaded: int = 0
    rejected: int = 0
    cut: int = 0
    settled: int = 0


class _Letter(NamedTuple):
    dead_letter_id: int
    source_file_id: int
    line_number: int
    line: bytes


@dataclass(slots=True)
class _Verdict:
    """What became of a batch. rows: text of a row of raw.events per letter; refused: reason and detail."""

    rows: list[tuple[_Letter, str]] = field(default_factory=list)
    refused: list[tuple[_Letter, str, str]] = field(default_factory=list)


def retry_letters(
    connection: psycopg.Connection[Any], filters: Filters, parser: Parser, *, batch_lines: int = BATCH_LINES
) -> Retried:
    """Load the chosen dead letters that keep the contract by now, batch by batch, each in one transaction.

    connection: in autocommit mode, as the owner of the database. A line becomes an event of the file and line number
    that it came from, in a load of its own; its dead letter becomes ``retried`` and gives its bytes up. A line that is
    still rejected stays ``new``, with the reason of today.
    Raises UsageError if a dead letter of ``filters.ids`` does not exist, DatabaseError if the database cannot be used.
    """
    store = Store(connection, __version__)
    store.require_schema()
    with as_owner(connection):
        require_letters(connection, filters.ids)
        return _Retry(store, filters, parser, batch_lines).run()


class _Retry:
    def __init__(self, store: Store, filters: Filters, parser: Parser, batch_lines: int) -> None:
        self._store = store
        self._connection = store.connection
        self._filters = filters
        self._parser = parser
        self._batch_lines = batch_lines

    def run(self) -> Retried:
        result, last = self._survey()
        after = 0
        while (end := self._end_of_batch(after, last)) is not None:
            self._load(after, end, result)
            after = end
        return result

    def _survey(self) -> tuple[Retried, int]:
        """What is not tried, and the highest id of now: what is rejected meanwhile is not waited for."""
        query = sql.SQL(
            "select count(*) filter (where letters.state = 'new' and not ({whole})),"
            " count(*) filter (where letters.state <> 'new'), coalesce(max(letters.dead_letter_id), 0)"
            " {letters} where {chosen}"
        ).format(whole=IS_WHOLE, letters=FROM_LETTERS, chosen=self._filters.condition())
        row = self._connection.execute(query, self._filters.values()).fetchone()
        cut, settled, last = row or (0, 0, 0)
        return Retried(cut=cut, settled=settled), last

    def _end_of_batch(self, after: int, last: int) -> int | None:
        """The last id of the next batch, limited in lines and bytes; None if there is no more."""
        query = sql.SQL(
            "select max(dead_letter_id) from ("
            "    select letters.dead_letter_id, row_number() over in_order as line,"
            "        sum(letters.line_bytes) over in_order as bytes"
            "    {letters} where {whole} and {chosen}"
            "    and letters.dead_letter_id > %(after)s and letters.dead_letter_id <= %(last)s"
            "    window in_order as (order by letters.dead_letter_id rows unbounded preceding)"
            "    order by letters.dead_letter_id limit {lines}"
            ") as next_letters where line = 1 or bytes <= {bytes}"
        ).format(
            letters=FROM_LETTERS,
            whole=IS_WHOLE,
            chosen=self._filters.condition(),
            lines=self._batch_lines,
            bytes=_BATCH_BYTES,
        )
        with self._connection.cursor(row_factory=scalar_row) as cursor:
            end: int | None = cursor.execute(query, self._between(after, last)).fetchone()
            return end

    def _load(self, after: int, end: int, result: Retried) -> None:
        """One batch. Who retries or discards the same letters meanwhile waits, and finds them settled."""
        query = sql.SQL(
            "select letters.dead_letter_id, letters.source_file_id, letters.line_number, letters.line {letters}"
            " where {whole} and {chosen} and letters.dead_letter_id > %(after)s and letters.dead_letter_id <= %(last)s"
            " order by letters.dead_letter_id for update of letters"
        ).format(letters=FROM_LETTERS, whole=IS_WHOLE, chosen=self._filters.condition())
        today = self._today()
        with self._store.batch():
            found = self._connection.execute(query, self._between(after, end)).fetchall()
            verdict = self._judge([_Letter(*row) for row in found])
            loads = self._copy(verdict, today)
            self._record(verdict, loads, today)
        result.loaded += len(verdict.rows)
        result.rejected += len(verdict.refused)

    def _today(self) -> date:
        """Today in UTC, with its partition: made apart, so that no ingest waits for this batch because of it."""
        with self._connection.cursor(row_factory=scalar_row) as cursor:
            # The function gives nothing, so the day comes from beside it.
            day: date | None = cursor.execute(
                "select today.day from (select cast(clock_timestamp() at time zone 'UTC' as date) as day) as today"
                " cross join lateral raw.ensure_partition(today.day)"
            ).fetchone()
        if day is None:
            raise DatabaseError("the database gave no day for a load", "run the command again")
        return day

    def _judge(self, letters: Sequence[_Letter]) -> _Verdict:
        verdict = _Verdict()
        for letter in letters:
            parsed = self._parser.parse(Block.of(letter.line_number, [letter.line]))
            verdict.rows += [(letter, text) for _, text in parsed.rows]
            verdict.refused += [(letter, rejection.reason, rejection.detail) for rejection in parsed.rejections]
        return verdict

    def _copy(self, verdict: _Verdict, today: date) -> dict[int, int]:
        """COPY the rows; what PostgreSQL does not take is refused. Returns the load of each file."""
        files = sorted({letter.source_file_id for letter, _ in verdict.rows})
        ids = self._connection.execute(
            "select nextval('raw.loads_load_id_seq') from generate_series(1, %s)", [len(files)]
        )
        loads = {file: load_id for file, (load_id,) in zip(files, ids.fetchall(), strict=True)}
        texts = [
            copy_text([text], (loads[letter.source_file_id], letter.source_file_id, today))
            for letter, text in verdict.rows
        ]
        try:
            with self._connection.transaction():
                self._store.copy(texts)
        except REFUSALS:
            self._copy_one_by_one(verdict, texts)
        return loads

    def _copy_one_by_one(self, verdict: _Verdict, texts: Sequence[bytes]) -> None:
        rows, verdict.rows = verdict.rows, []
        for (letter, row), text in zip(rows, texts, strict=True):
            try:
                with self._connection.transaction():
                    self._store.copy([text])
                verdict.rows.append((letter, row))
            except REFUSALS as error:
                verdict.refused.append((letter, "refused_by_database", f"SQLSTATE {error.sqlstate}"))

    def _record(self, verdict: _Verdict, loads: dict[int, int], today: date) -> None:
        """The loads, and what the dead letters are now."""
        taken = [letter for letter, _ in verdict.rows]
        self._connection.execute(
            "insert into raw.loads (load_id, source_file_id, lines_read, lines_loaded, lines_rejected, lines_retried,"
            " loader_version, loaded_on)"
            " select load_id, source_file_id, 0, count(*), 0, count(*), %(version)s, %(today)s"
            " from unnest(cast(%(loads)s as bigint[]), cast(%(files)s as bigint[])) as taken (load_id, source_file_id)"
            " group by load_id, source_file_id",
            {
                "version": __version__,
                "today": today,
                "loads": [loads[letter.source_file_id] for letter in taken],
                "files": [letter.source_file_id for letter in taken],
            },
        )
        self._connection.execute(
            "update raw.dead_letters set state = 'retried', line = null, retry_load_id = taken.load_id,"
            " settled_at = clock_timestamp()"
            " from unnest(cast(%s as bigint[]), cast(%s as bigint[])) as taken (id, load_id) where dead_letter_id = id",
            ([letter.dead_letter_id for letter in taken], [loads[letter.source_file_id] for letter in taken]),
        )
        self._connection.execute(
            "update raw.dead_letters set reason = found.reason, detail = found.detail"
            " from unnest(cast(%s as bigint[]), cast(%s as text[]), cast(%s as text[])) as found (id, reason, detail)"
            " where dead_letter_id = id"
            " and (dead_letters.reason, dead_letters.detail) is distinct from (found.reason, found.detail)",
            (
                [letter.dead_letter_id for letter, _, _ in verdict.refused],
                [reason for _, reason, _ in verdict.refused],
                [detail for _, _, detail in verdict.refused],
            ),
        )

    def _between(self, after: int, last: int) -> dict[str, Any]:
        return self._filters.values() | {"after": after, "last": last}
