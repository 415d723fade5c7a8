"""The handler: event lines into one file of its own per process and product."""

import logging
import os
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from .formatter import EventFormatter


class EventFileHandler(logging.Handler):
    """Appends lines to ``<directory>/<product>-<host>-<pid>-<start>.jsonl``, each with one write to the file.

    product, directory, formatter: what to write, where, and how a line looks.
    filename: a name instead of the one above, for the first file of the first start in that folder.

    The folder is made and the file opened at the first event. Several processes never share a file: after a fork the
    child opens its own and gets its own ``emitter_id``. It never raises into the product: the first failure is said
    once on stderr, every lost line is counted in ``lost_count`` and leaves a gap in ``seq``.
    """

    def __init__(
        self, product: str, directory: Path, formatter: EventFormatter, *, filename: str | None = None
    ) -> None:
        super().__init__()
        self._product = product
        self._directory = directory
        self._filename = filename
        self._event_formatter = formatter
        self._file: FileIO | None = None
        self._is_torn = False
        self._pid = os.getpid()
        self.lost_count = 0
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as one line; never raises."""
        try:
            if os.getpid() != self._pid:
                self._start_in_child()
            # Format first: a line that cannot be written has taken its seq, so that the loss shows.
            line = self.format(record).encode() + b"\n"
            self._write(line)
        except Exception as error:
            self._count_loss(error)

    def close(self) -> None:
        """Close the file; a later event opens a new one."""
        self.acquire()
        try:
            if self._file is not None:
                self._file.close()
                self._file = None
        finally:
            self.release()
        super().close()

    def _write(self, line: bytes) -> None:
        file = self._file or self._open()
        # After a full disk half a line may stand there: close it, so that it costs one line and not two.
        rest = memoryview(b"\n" + line if self._is_torn else line)
        while rest:
            rest = rest[file.write(rest) :]
            self._is_torn = bool(rest)

    def _open(self) -> FileIO:
        self._directory.mkdir(parents=True, exist_ok=True)
        started = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        made_up = f"{self._product}-{socket.gethostname()}-{self._pid}-{started}.jsonl"
        # "x": two processes never write one file, whatever their pids and clocks say.
        try:
            self._file = FileIO(self._directory / (self._filename or made_up), "x")
        except FileExistsError:
            # The name that was given is of an earlier start.
            self._file = FileIO(self._directory / made_up, "x")
        return self._file

    def _start_in_child(self) -> None:
        self._pid = os.getpid()
        if self._file is not None:
            self._file.close()
            self._file = None
        # A name that was given is the parent's; the child makes up its own.
        self._filename = None
        self._is_torn = False
        self._event_formatter.restart()

    def _count_loss(self, error: Exception) -> None:
        self.lost_count += 1
        if self.lost_count == 1:
            # A daemon may have no stderr, or a closed one.
            with suppress(Exception):
                sys.stderr.write(
                    f"emitter: cannot write events of {self._product} to {self._directory} ({type(error).__name__});"
                    " the product goes on, lost events are counted. Check that the folder is writable and has space.\n"
                )
