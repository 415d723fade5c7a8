"""Compresses finished files, beside everything else."""

import gzip
import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

_CHUNK_BYTES = 256 * 1024
#: No ending of a log, so that nobody loads half a file.
_PART = ".part"


class Packer:
    """Makes ``<name>.jsonl.gz`` of finished files, one after the other, in a thread of its own.

    A file stays as it is where that fails or where the process ends before it is done.
    """

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._is_stopped = False

    def pack(self, path: Path) -> None:
        """Begin to compress a file; never raises."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        before = self._threads[-1] if self._threads else None
        thread = threading.Thread(target=self._pack, args=(path, before), name="emitter-packer", daemon=True)
        # At the interpreter's end there are no new threads.
        with suppress(RuntimeError):
            thread.start()
            self._threads.append(thread)

    def wait(self, deadline: float) -> None:
        """Wait for files that are being compressed; those that take longer are left as they are."""
        for thread in self._threads:
            # Nobody waits again for what was left.
            seconds = 0.0 if self._is_stopped else deadline - time.monotonic()
            thread.join(max(0.0, min(seconds, threading.TIMEOUT_MAX)))
        self._is_stopped = any(thread.is_alive() for thread in self._threads)

    def restart(self) -> None:
        """In the child after a fork: the parent compresses its files."""
        self._threads, self._is_stopped = [], False

    def _pack(self, path: Path, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()
        packed = path.with_name(path.name + ".gz")
        part = path.with_name(packed.name + _PART)
        try:
            with path.open("rb") as source, gzip.open(part, "xb", compresslevel=6) as target:
                while not self._is_stopped and (chunk := source.read(_CHUNK_BYTES)):
                    target.write(chunk)
            if self._is_stopped:
                part.unlink()
                return
            shutil.copystat(path, part)
            os.replace(part, packed)  # noqa: PTH105 - one step, also where the target is there
            path.unlink()
        except OSError:
            with suppress(OSError):
                part.unlink()
