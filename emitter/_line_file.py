"""The file that one process and product writes: whole lines, a name of its own, finished by size and age."""

import errno
import os
import re
import socket
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

from ._packing import Packer

#: Ends the names of files that are being written; a finished file has the same name without the first part of it.
OPEN_ENDING = ".open.jsonl"
ENDING = ".jsonl"

_ODD = re.compile(r"[^\w.-]")
#: After these the file that is open is as good as before; after all others a new one is begun.
_PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EINTR, errno.EAGAIN})


class LineFile:
    """Appends lines to ``<directory>/<product>-<host>-<pid>-<start>.open.jsonl``; not thread-safe.

    A finished file loses its ``.open``. filename: a name instead of that, for the first file of the first start in that
    folder; it is neither renamed nor finished before the end. A named pipe may stand there.
    rotate_bytes, rotate_seconds: size and age at which a file is finished. packer: compresses finished files.

    Lines that could not be written stay, and the next call goes on where the last one stopped: a full disk tears none.
    """

    def __init__(
        self,
        product: str,
        directory: Path,
        *,
        filename: str | None,
        rotate_bytes: int,
        rotate_seconds: float,
        packer: Packer | None,
    ) -> None:
        self._product = _ODD.sub("_", product)
        self._directory = directory
        self._filename = filename
        self._rotate_bytes = rotate_bytes
        self._rotate_seconds = rotate_seconds
        self._packer = packer
        self.path: Path | None = None
        self._descriptor = -1
        self._is_named = False
        self._size = 0
        self._began = 0.0
        self._lines = b""
        self._written = 0
        # A write came back, as far as is known: neither failed nor was it interrupted by an exception.
        self._is_sure = True
        self._has_failed = False

    @property
    def lines(self) -> bytes:
        """What was taken last."""
        return self._lines

    @lines.setter
    def lines(self, lines: bytes) -> None:
        """Take lines, newlines included; all that were taken before must be written."""
        self._lines, self._written = lines, 0

    @property
    def waiting_count(self) -> int:
        """How many lines are not in the file yet, or not whole."""
        return self._lines.count(b"\n", self._written)

    def write(self) -> None:
        """Write what was taken. Raises OSError, and the rest stays."""
        if not self._is_sure:
            self._look_what_was_written()
        if self._has_failed and self._descriptor >= 0 and not self._is_there():
            # Whoever made room deleted it: what is still to come needs a name.
            self.finish()
        while self._written < len(self._lines):
            try:
                if self._descriptor < 0:
                    self._open()
                self._is_sure = False
                count = os.write(self._descriptor, memoryview(self._lines)[self._written :])
            except OSError as error:
                self._is_sure, self._has_failed = True, True
                if self._descriptor >= 0 and error.errno not in _PASSING:
                    # Another file takes the line that was begun as a whole.
                    self.finish()
                raise
            self._written, self._size, self._is_sure = self._written + count, self._size + count, True
        self._has_failed = False
        self._lines, self._written = b"", 0

    def rotate(self) -> None:
        """Finish the file if it is large or old enough, or gone. Call it between lines."""
        if self._descriptor < 0 or self._is_named:
            return
        is_due = self._size >= self._rotate_bytes or time.monotonic() - self._began >= self._rotate_seconds
        if is_due or not self._is_there():
            self.finish()

    def finish(self) -> None:
        """Close the file under its final name; a later line opens a new one. What could not be written stays."""
        descriptor, self._descriptor = self._descriptor, -1
        path, self.path = self.path, None
        if descriptor < 0 or path is None:
            return
        self._cut(descriptor)
        os.close(descriptor)
        if self._is_named:
            return
        finished = path.with_name(path.name.removesuffix(OPEN_ENDING) + ENDING)
        try:
            path.rename(finished)
        except OSError:
            # Somebody has moved or deleted it.
            return
        if self._packer is not None:
            self._packer.pack(finished)

    def abandon(self) -> int:
        """Forget what could not be written; how many lines that are."""
        count = self.waiting_count
        if self._descriptor >= 0:
            self._cut(self._descriptor)
        self._lines, self._written = b"", 0
        return count

    def leave_to_parent(self) -> None:
        """In the child after a fork: lines, file and a name that was given are the parent's."""
        descriptor, self._descriptor = self._descriptor, -1
        self.path, self._filename = None, None
        self._lines, self._written = b"", 0
        if descriptor >= 0:
            os.close(descriptor)

    def _open(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        named = self._directory / self._filename if self._filename else None
        if named is not None:
            is_pipe = named.is_fifo()
            try:
                self._descriptor = os.open(named, flags if is_pipe else flags | os.O_EXCL, 0o666)
            except FileExistsError:
                # The name that was given is of an earlier start.
                self._filename = None
            else:
                self.path, self._is_named = named, True
        if self._descriptor < 0:
            started = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            host = _ODD.sub("_", socket.gethostname())
            path = self._directory / f"{self._product}-{host}-{os.getpid()}-{started}{OPEN_ENDING}"
            # O_EXCL: two processes never write one file, whatever their pids and clocks say.
            self._descriptor = os.open(path, flags | os.O_EXCL, 0o666)
            self.path, self._is_named = path, False
        self._size = 0
        self._began = time.monotonic()

    def _cut(self, descriptor: int) -> None:
        """Leave no half line behind, which works on a full disk, too."""
        whole = self._lines.rfind(b"\n", 0, self._written) + 1
        if self._written > whole:
            half = self._written
            self._size -= half - whole
            self._written = whole
            try:
                # Somebody may have made it shorter.
                size = os.fstat(descriptor).st_size
                os.ftruncate(descriptor, max(0, size - (half - whole)))
            except OSError:
                # A pipe, or a disk that is gone: the loader rejects half a line.
                return

    def _look_what_was_written(self) -> None:
        """After an exception of a signal handler that came before a write could say how much it wrote."""
        count = 0
        if self._descriptor >= 0:
            found = os.fstat(self._descriptor)
            count = found.st_size - self._size if stat.S_ISREG(found.st_mode) else 0
            if not 0 < count <= len(self._lines) - self._written:
                # Others have changed the file as well.
                count = 0
        # In one go: another exception may come before it, and not within.
        self._written, self._size, self._is_sure = self._written + count, self._size + count, True

    def _is_there(self) -> bool:
        """Whether the file still has a name: what is written into a deleted one is lost."""
        found = os.fstat(self._descriptor)
        return found.st_nlink > 0 or not stat.S_ISREG(found.st_mode)
