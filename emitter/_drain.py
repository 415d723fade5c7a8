"""Makes lines of what waits in the buffer, and hands them to the file."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from ._entry import Entry
from ._line_file import LineFile
from .formatter import EventFormatter

#: Entries of more bytes are large: they are counted apart.
LARGE_BYTES = 4096
#: Lines that are made and written at once. Few, so that a product's thread that waits for the interpreter gets it soon
#: (each write lets it go); many where much waits, so that the writer keeps up.
_FEW, _MANY = 64, 2048


class Drain:
    """Empties a buffer into a file, one thread at a time.

    written_count: lines in files. spoilt_count: entries that no line could be made of. large_written: bytes of large
    entries that have left the buffer. writing_since: when the write that goes on began (monotonic seconds), or 0.
    """

    def __init__(self, formatter: EventFormatter, file: LineFile, complain: Callable[[BaseException], None]) -> None:
        self._formatter = formatter
        self._file = file
        self._complain = complain
        # Lines that are made and not in the file's hands yet, and the entry that the last of them was made of: an
        # exception of a signal handler may come between any two steps.
        self._lines = list[bytes]()
        self._last_item: Entry | bytes | None = None
        self.written_count = self.spoilt_count = self.large_written = 0
        self.writing_since = 0.0

    @property
    def waiting_count(self) -> int:
        """Lines that are made and not written yet."""
        return len(self._lines) + self._file.waiting_count

    def write(self, queue: deque[Entry | bytes], count: int) -> None:
        """Write so many entries of a buffer. Raises OSError; then lines wait in the file, and entries in the buffer."""
        self._write_lines()
        while count > 0:
            taken = min(count, _MANY if count > _MANY else _FEW)
            self._make_lines(queue, taken)
            count -= taken
            self._write_lines()

    def say(self, line: bytes) -> None:
        """Write a line of the emitter's own. Raises OSError."""
        self._lines.append(line)
        self._write_lines()

    def abandon(self) -> int:
        """Lose the lines that wait; how many."""
        lost = self._file.abandon() + len(self._lines)
        self._lines = []
        return lost

    def _make_lines(self, queue: deque[Entry | bytes], count: int) -> None:
        # Whoever waited for a close, and gave up, empties the buffer meanwhile.
        with suppress(IndexError):
            for _ in range(count):
                item = queue[0]
                if item is not self._last_item:
                    line = self._line(item)
                    self._last_item = item
                    if line is not None:
                        self._lines.append(line)
                queue.popleft()
                self._last_item = None

    def _write_lines(self) -> None:
        file = self._file
        before = file.waiting_count
        self.writing_since = time.monotonic()
        try:
            file.write()
            if self._lines:
                lines = b"\n".join(self._lines) + b"\n"
                before += len(self._lines)
                file.lines, self._lines = lines, []
                file.write()
        finally:
            self.written_count += before - file.waiting_count
            self.writing_since = 0.0
        file.rotate()

    def _line(self, item: Entry | bytes) -> bytes | None:
        size = len(item) if isinstance(item, bytes) else item.size
        if size > LARGE_BYTES:
            self.large_written += size
        if isinstance(item, bytes):
            return item
        try:
            return self._formatter.line(item)
        except Exception as error:
            self.spoilt_count += 1
            self._complain(error)
            return None
