"""One file into the raw schema, batch by batch: rows, dead letters and the new position in one transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psycopg

from .copytext import Constants, copy_text
from .errors import FileError
from .lines import Block, LineReader, LongLine
from .parsing import Parser, reject_long
from .recognition import Start, recognise, require_unchanged, truncated
from .rejection import Rejection
from .sources import LogFile, TruncatedError, chunks, unreadable
from .store import REFUSALS, Store
from .summary import FileResult, Load

# Large enough that a row's share of the transaction and of the COPY's start is nothing, small enough that a stop
# loses little work. A batch's lines stay in memory until it is committed.
BATCH_LINES = 50_000
_BATCH_BYTES = 16 * 1024 * 1024
# More than what is read at once holds of ordinary lines.
BLOCK_LINES = 2_000
MAX_LINE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Options:
    """Limits of a run, in lines and bytes.

    as_new: read files that changed below their position from the start. verify: read all files again to find those.
    """

    max_line_bytes: int = MAX_LINE_BYTES
    batch_lines: int = BATCH_LINES
    as_new: bool = False
    verify: bool = False


@dataclass(slots=True)
class _Content:
    """The lines of one batch and what became of each."""

    blocks: list[Block] = field(default_factory=list)
    rows_count: int = 0
    rejections: list[Rejection] = field(default_factory=list)


class Ingest:
    """Loads files through ``store``. ``progress`` is told how many bytes of a plain file are behind it."""

    def __init__(
        self, store: Store, parser: Parser, options: Options, progress: Callable[[int], None] = lambda _bytes: None
    ) -> None:
        self._store = store
        self._parser = parser
        self._options = options
        self._progress = progress

    def load(self, log_file: LogFile, result: FileResult) -> None:
        """Load what is new in an opened file, and count it. What is wrong with this file alone is not raised, but told.

        result: of the file so far; it may hold what an earlier try loaded before the connection broke.
        """
        options = self._options
        try:
            if not options.verify and self._store.is_unchanged(log_file):
                result.is_unchanged = not result.lines_read
            else:
                start = recognise(log_file, self._store, as_new=options.as_new, verify=options.verify)
                self._load_from(start, log_file, result)
        except FileError as error:
            result.error = error
        except OSError as error:
            result.error = unreadable(log_file.path, error)

    def _load_from(self, start: Start, log_file: LogFile, result: FileResult) -> None:
        options = self._options
        reader = LineReader(start.fingerprint, start.lines, max_line_bytes=options.max_line_bytes)
        feed = _Feed(reader, log_file, min(options.batch_lines, BLOCK_LINES))
        source_file_id = start.source_file_id
        while (first := feed.next()) is not None:
            source_file_id = self._load_batch(source_file_id, first, feed, log_file, result)
        if feed.was_truncated:
            raise truncated(log_file.path, f"{result.lines_read} complete lines were loaded")
        result.has_waiting_line = reader.waiting_bytes > 0
        is_copy = start.is_elsewhere and not result.lines_read
        if source_file_id is not None and not is_copy:
            self._store.finish(source_file_id, log_file)

    def _load_batch(
        self, known_id: int | None, first: Block | LongLine, feed: "_Feed", log_file: LogFile, result: FileResult
    ) -> int:
        """Load one batch, beginning with ``first``. Returns the file's id."""
        store = self._store
        bytes_from, lines_from = feed.before_last
        batch = store.begin(known_id)
        constants = (batch.load_id, batch.source_file_id, batch.loaded_on)
        content = _Content()

        def put(copy: Callable[[], None]) -> Load:
            with store.batch():
                copy()
                reader = feed.reader
                load = Load(
                    first_line=lines_from + 1,
                    last_line=reader.lines,
                    lines_read=reader.lines - lines_from,
                    lines_loaded=content.rows_count,
                    lines_rejected=len(content.rejections),
                    bytes_from=bytes_from,
                    bytes_to=reader.fingerprint.length,
                )
                content.rejections.sort(key=lambda rejection: rejection.number)
                require_unchanged(log_file, reader.fingerprint)
                store.record(batch, load, log_file, reader.fingerprint, content.rejections)
                result.unconfirmed = (batch.load_id, load)
            result.confirm()
            return load

        try:
            load = put(lambda: store.copy(self._parsed(first, feed, content, constants)))
        except REFUSALS:
            load = put(lambda: self._copy_without_refused(content, constants))
        if log_file.compression == "none":
            self._progress(load.bytes_to)
        return batch.source_file_id

    def _parsed(
        self, item: Block | LongLine | None, feed: "_Feed", content: _Content, constants: Constants
    ) -> Iterator[bytes]:
        """The batch's rows for COPY, parsed while the server takes in those before."""
        size = 0
        lines_from = feed.before_last[1]
        while item is not None:
            if isinstance(item, LongLine):
                content.rejections.append(reject_long(item))
                size += len(item.start)
            else:
                content.blocks.append(item)
                copied = self._parser.copy_text(item, constants)
                content.rejections += copied.rejections
                content.rows_count += copied.rows_count
                size += len(item.content)
                if copied.text:
                    yield copied.text
            lines = feed.reader.lines - lines_from
            if lines >= self._options.batch_lines or size >= _BATCH_BYTES:
                return
            item = feed.next()

    def _copy_without_refused(self, content: _Content, constants: Constants) -> None:
        """COPY the rows that PostgreSQL takes, block by block."""
        for block in content.blocks:
            copied = self._parser.copy_text(block, constants)
            try:
                with self._store.connection.transaction():
                    self._store.copy([copied.text])
            except REFUSALS:
                refused = self._copy_halves(block, constants)
                content.rejections += refused
                content.rows_count -= len(refused)

    def _copy_halves(self, block: Block, constants: Constants) -> list[Rejection]:
        """COPY the rows that PostgreSQL takes of a block; halve what it does not until the refused stand alone."""
        lines = block.lines
        halves = [self._parser.parse(block).rows]
        refused = []
        while halves:
            rows = halves.pop()
            try:
                with self._store.connection.transaction():
                    self._store.copy([copy_text([text for _, text in rows], constants)])
            except REFUSALS as error:
                if len(rows) > 1:
                    middle = len(rows) // 2
                    halves += [rows[middle:], rows[:middle]]
                else:
                    [(number, _)] = rows
                    refused.append(_refused(number, lines[number - block.first_number], error))
        return refused


class _Feed:
    """The blocks of a file one by one, with the position before the last one, and whether the file broke off."""

    def __init__(self, reader: LineReader, log_file: LogFile, max_lines: int) -> None:
        self.reader = reader
        self.before_last = (reader.fingerprint.length, reader.lines)
        self.was_truncated = False
        pieces = chunks(log_file, reader.fingerprint.length)
        self._blocks = reader.read(pieces, is_archive=log_file.compression != "none", max_lines=max_lines)

    def next(self) -> Block | LongLine | None:
        self.before_last = (self.reader.fingerprint.length, self.reader.lines)
        try:
            return next(self._blocks, None)
        except TruncatedError:
            self.was_truncated = True
            return None


def _refused(number: int, line: bytes, error: psycopg.Error) -> Rejection:
    return Rejection(number, line, len(line), "refused_by_database", f"SQLSTATE {error.sqlstate}")
