"""One file into the raw schema, batch by batch: rows, dead letters and the new position in one transaction."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import psycopg

from .copytext import Constants, copy_text
from .errors import FileError
from .fingerprint import Fingerprint
from .lines import Block, LineReader, LongLine
from .parsing import Checked, Parser, rejected_long
from .recognition import Start, recognise, require_unchanged, truncated
from .rejection import Rejection
from .sources import LogFile, TruncatedError, chunks, unreadable
from .store import REFUSALS, Store
from .summary import FileResult, Load

# Large enough that a row's share of the transaction and of the COPY's start is nothing, small enough that a stop
# loses little work. A batch's lines stay in memory until it is committed.
BATCH_LINES = 50_000
_BATCH_BYTES = 24 * 1024 * 1024
# More than what is read at once holds of ordinary lines.
BLOCK_LINES = 2_000
# What is read of the next batch while the server is still busy with this one: its own backlog in the socket's buffers
# is a few megabytes at most.
_AHEAD_BYTES = 2 * 1024 * 1024
# The C library gives large blocks of memory back to the system when they are freed, and gets them anew for the next
# block of lines, which costs a tenth of all work on it. It keeps what is smaller than the largest it saw freed.
_KEPT_BYTES = 24 * 1024 * 1024
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
        bytes(_KEPT_BYTES)  # freed at once, and never touched

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
        feed = _Feed(reader, log_file, self._parser, min(options.batch_lines, BLOCK_LINES))
        source_file_id = start.source_file_id
        while (first := feed.take()) is not None:
            source_file_id = self._load_batch(source_file_id, first, feed, log_file, result)
        if feed.was_truncated:
            raise truncated(log_file.path, f"{result.lines_read} complete lines were loaded")
        result.has_waiting_line = reader.waiting_bytes > 0
        is_copy = start.is_elsewhere and not result.lines_read
        if source_file_id is not None and not is_copy:
            self._store.finish(source_file_id, log_file)

    def _load_batch(
        self, known_id: int | None, first: "_Read", feed: "_Feed", log_file: LogFile, result: FileResult
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
                load = Load(
                    first_line=lines_from + 1,
                    last_line=feed.lines,
                    lines_read=feed.lines - lines_from,
                    lines_loaded=content.rows_count,
                    lines_rejected=len(content.rejections),
                    bytes_from=bytes_from,
                    bytes_to=feed.fingerprint.length,
                )
                content.rejections.sort(key=lambda rejection: rejection.number)
                require_unchanged(log_file, feed.fingerprint)
                store.record(batch, load, log_file, feed.fingerprint, content.rejections)
                result.unconfirmed = (batch.load_id, load)
            result.confirm()
            return load

        try:
            load = put(lambda: store.copy(self._texts(first, feed, content, constants)))
        except REFUSALS:
            load = put(lambda: self._copy_without_refused(content, constants))
        if log_file.compression == "none":
            self._progress(load.bytes_to)
        return batch.source_file_id

    def _texts(self, first: "_Read", feed: "_Feed", content: _Content, constants: Constants) -> Iterator[bytes]:
        """The batch's rows for COPY, made while the server takes in those before."""
        item: _Read | None = first
        size = 0
        lines_from = feed.before_last[1]
        while item is not None:
            size += item.size
            content.blocks += item.blocks
            content.rejections += item.checked.rejections
            content.rows_count += item.checked.rows_count
            yield item.checked.copy_text(constants)
            if feed.lines - lines_from >= self._options.batch_lines or size >= _BATCH_BYTES:
                break
            item = feed.take()
        # The server has its hands full with what it was sent; to end the COPY now would be to wait for it.
        feed.read_ahead()

    def _copy_without_refused(self, content: _Content, constants: Constants) -> None:
        """COPY the rows that PostgreSQL takes, block by block."""
        for block in content.blocks:
            try:
                with self._store.connection.transaction():
                    self._store.copy([self._parser.check(block).copy_text(constants)])
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


class _Read(NamedTuple):
    """A block that was read and checked, or no block for a line that is too long, and the position behind it.

    size: bytes that are kept until the batch is committed.
    """

    blocks: list[Block]
    checked: Checked
    size: int
    fingerprint: Fingerprint
    lines: int


class _Feed:
    """The blocks of a file one by one, checked, with the positions before and behind the last that was taken."""

    def __init__(self, reader: LineReader, log_file: LogFile, parser: Parser, max_lines: int) -> None:
        self._reader = reader
        self._parser = parser
        self.fingerprint, self.lines = reader.fingerprint.copy(), reader.lines
        self.before_last = (self.fingerprint.length, self.lines)
        self.was_truncated = False
        self._ahead = deque[_Read]()
        pieces = chunks(log_file, reader.fingerprint.length)
        self._items = reader.read(pieces, is_archive=log_file.compression != "none", max_lines=max_lines)

    def take(self) -> _Read | None:
        """The next block; None at the end, or where the file breaks off."""
        self.before_last = (self.fingerprint.length, self.lines)
        read = self._ahead.popleft() if self._ahead else self._read()
        if read:
            self.fingerprint, self.lines = read.fingerprint, read.lines
        return read

    def read_ahead(self) -> None:
        """Read and check some of what comes next."""
        size = sum(read.size for read in self._ahead)
        while size < _AHEAD_BYTES and (read := self._read()):
            self._ahead.append(read)
            size += read.size

    def _read(self) -> _Read | None:
        try:
            item = next(self._items, None)
        except TruncatedError:
            self.was_truncated = True
            return None
        if item is None:
            return None
        position = self._reader.fingerprint.copy(), self._reader.lines
        if isinstance(item, LongLine):
            return _Read([], rejected_long(item), len(item.start), *position)
        return _Read([item], self._parser.check(item), len(item.content), *position)


def _refused(number: int, line: bytes, error: psycopg.Error) -> Rejection:
    return Rejection(number, line, len(line), "refused_by_database", f"SQLSTATE {error.sqlstate}")
