"""Bytes cut into complete lines, with the position after each cut and without ever holding a giant line in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from .fingerprint import Fingerprint
from .sources import TruncatedError


@dataclass(frozen=True, slots=True)
class Block:
    """Complete lines in a row, each with its newline; ``count`` of them. ``first_number`` counts from 1."""

    first_number: int
    content: bytes
    count: int

    @classmethod
    def of(cls, first_number: int, lines: Sequence[bytes]) -> Self:
        """A block of lines without their newlines."""
        return cls(first_number, b"".join([line + b"\n" for line in lines]), len(lines))

    @property
    def numbers(self) -> range:
        """The numbers of the lines."""
        return range(self.first_number, self.first_number + self.count)

    @property
    def lines(self) -> list[bytes]:
        """The lines without their newlines. They are cut here, so keep them."""
        return self.content.split(b"\n")[:-1]


@dataclass(frozen=True, slots=True)
class LongLine:
    """A line over the limit: its first bytes and its true length in bytes, without the newline."""

    number: int
    start: bytes
    length: int


class LineReader:
    """Reads the lines of one file from a position on.

    fingerprint: of everything before the position; always that of exactly the lines handed out so far.
    lines_before: lines before the position.
    max_line_bytes: longer lines become a :class:`LongLine`.
    """

    def __init__(self, fingerprint: Fingerprint, lines_before: int, *, max_line_bytes: int) -> None:
        self.fingerprint = fingerprint
        self.lines = lines_before
        self.waiting_bytes = 0
        # An archive's last line may have ended without a newline; its plain twin can still bring it.
        self._skip_newline = fingerprint.last_byte not in (b"", b"\n")
        self._max = max_line_bytes
        self._pending = b""
        self._long: LongLine | None = None
        self._long_fingerprint = fingerprint

    def read(self, chunks: Iterator[bytes], *, is_archive: bool, max_lines: int) -> Iterator[Block | LongLine]:
        """Blocks of at most ``max_lines`` lines.

        What follows the last newline waits (``waiting_bytes``), unless the file is an archive that ended cleanly:
        nobody will append to it, so its last line is complete. TruncatedError is passed on after the last line.
        """
        try:
            for chunk in chunks:
                yield from self._cut(self._after_open_line(chunk), max_lines)
        except TruncatedError:
            self.waiting_bytes = self._long.length if self._long else len(self._pending)
            raise
        if is_archive and (self._pending or self._long):
            yield from self._cut_end()
        self.waiting_bytes = self._long.length if self._long else len(self._pending)

    def _after_open_line(self, chunk: bytes) -> bytes:
        """The chunk without the newline of a line that was already handed out."""
        is_expected, self._skip_newline = self._skip_newline, False
        if not is_expected or not chunk.startswith(b"\n"):
            return chunk
        self.fingerprint.update(b"\n")
        return chunk[1:]

    def _cut(self, chunk: bytes, max_lines: int) -> Iterator[Block | LongLine]:
        if self._long:
            newline = chunk.find(b"\n")
            if newline < 0:
                self._lengthen(chunk)
                return
            self._lengthen(chunk[:newline])
            yield self._finish_long(b"\n")
            chunk = chunk[newline + 1 :]
        newline = chunk.rfind(b"\n")
        if newline < 0:
            self._pending += chunk
        else:
            # One copy of what is large, not two.
            data = b"".join([self._pending, memoryview(chunk)[: newline + 1]])
            self._pending = chunk[newline + 1 :]
            yield from self._hand_out(data, max_lines)
        if len(self._pending) > self._max:
            beginning, self._pending = self._pending, b""
            self._long_fingerprint = self.fingerprint.copy()
            self._long = LongLine(self.lines + 1, beginning[: self._max], 0)
            self._lengthen(beginning)

    def _hand_out(self, data: bytes, max_lines: int) -> Iterator[Block | LongLine]:
        """Cut ``data``, which ends with a newline. The fingerprint is moved on before each piece is handed out."""
        count = data.count(b"\n")
        if count <= max_lines and len(data) <= self._max:
            self.fingerprint.update(data)
            self.lines += count
            yield Block(self.lines - count + 1, data, count)
            return
        lines = data.split(b"\n")[:-1]
        has_long = max(map(len, lines)) > self._max
        step = 1 if has_long else max_lines
        end = 0
        for first in range(0, len(lines), step):
            part = lines[first : first + step]
            start, end = end, end + sum(map(len, part)) + len(part)
            self.fingerprint.update(data[start:end])
            self.lines += len(part)
            if has_long and len(part[0]) > self._max:
                yield LongLine(self.lines, part[0][: self._max], len(part[0]))
            else:
                yield Block(self.lines - len(part) + 1, data[start:end], len(part))

    def _cut_end(self) -> Iterator[Block | LongLine]:
        if self._long:
            yield self._finish_long(b"")
            return
        line, self._pending = self._pending, b""
        self.fingerprint.update(line)
        self.lines += 1
        yield Block.of(self.lines, [line])

    def _lengthen(self, data: bytes) -> None:
        if self._long:
            self._long_fingerprint.update(data)
            self._long = LongLine(self._long.number, self._long.start, self._long.length + len(data))

    def _finish_long(self, newline: bytes) -> LongLine:
        if self._long is None:
            raise ValueError("there is no long line to finish")
        long_line, self._long = self._long, None
        self._long_fingerprint.update(newline)
        self.fingerprint = self._long_fingerprint
        self.lines += 1
        return long_line
