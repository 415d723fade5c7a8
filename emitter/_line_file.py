"""The file of one process and product: whole lines, each written at once or some collected first."""

import os
import socket
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path


class LostLinesError(Exception):
    """Some lines did not get into the file whole; the cause is the system's error."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} lines lost")
        self.count = count


class LineFile:
    """Appends lines to ``<directory>/<product>-<host>-<pid>-<start>.jsonl``; not thread-safe.

    filename: a name instead of the one above, for the first file of the first start in that folder.
    buffer_bytes: collect so many bytes of lines before they are written; 0 writes each line at once.
    """

    def __init__(self, product: str, directory: Path, filename: str | None, buffer_bytes: int) -> None:
        self._product = product
        self._directory = directory
        self._filename = filename
        self._buffer_bytes = buffer_bytes
        self._collected = bytearray()
        self._file: FileIO | None = None
        self._is_torn = False

    def put(self, line: bytes) -> None:
        """Write or collect a line, newline included; raises :class:`LostLinesError`, with lines collected before."""
        if not self._buffer_bytes:
            self._write(line)
            return
        self._collected += line
        if len(self._collected) >= self._buffer_bytes:
            self.flush()

    def flush(self) -> None:
        """Write what is collected, or raise :class:`LostLinesError`."""
        if self._collected:
            lines, self._collected = bytes(self._collected), bytearray()
            self._write(lines)

    def close(self) -> None:
        """Close the file without writing what is collected; a later line opens a new one."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def leave_to_parent(self) -> None:
        """In the child after a fork: what is collected, the file and a name that was given are the parent's."""
        self._collected = bytearray()
        self.close()
        self._filename = None
        self._is_torn = False

    def _write(self, lines: bytes) -> None:
        # After a full disk half a line may stand there: close it, so that it costs one line and not two.
        rest = b"\n" + lines if self._is_torn else lines
        try:
            file = self._file or self._open()
            while (written := file.write(rest)) < len(rest):
                self._is_torn = rest[written - 1 : written] != b"\n"
                rest = rest[written:]
        except Exception as error:
            raise LostLinesError(min(rest.count(b"\n"), lines.count(b"\n"))) from error
        self._is_torn = False

    def _open(self) -> FileIO:
        self._directory.mkdir(parents=True, exist_ok=True)
        started = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        made_up = f"{self._product}-{socket.gethostname()}-{os.getpid()}-{started}.jsonl"
        # "x": two processes never write one file, whatever their pids and clocks say.
        try:
            self._file = FileIO(self._directory / (self._filename or made_up), "x")
        except FileExistsError:
            # The name that was given is of an earlier start.
            self._file = FileIO(self._directory / made_up, "x")
        return self._file
