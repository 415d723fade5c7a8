"""Events of imported conversations as lines: by the emitter's own formatter, at the times of the checkpoints."""

import os
import time
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from emitter import Event, EventFormatter

from .errors import ImportRefusedError

_LOGGER = "loader.import_langgraph"


class _Stamp:
    """Clock and chance of a formatter: both are those of the event that is being written."""

    def __init__(self) -> None:
        self.at = time.time()
        self.seed = os.urandom(16)

    def clock(self) -> float:
        return self.at

    def bits(self, count: int) -> int:
        return int.from_bytes(sha256(self.seed).digest()) >> (256 - count)


class LineWriter:
    """Writes a log file that appears in its folder when all is in it, and not at all without a line.

    An event's id is made of its time and its name, so whatever is imported twice, by whichever way, is one event.
    Raises ImportRefusedError where the folder cannot be written.
    """

    def __init__(self, folder: Path, product: str, tenant_id: str, *, capture_text: bool) -> None:
        self._stamp = _Stamp()
        self._formatter = EventFormatter(
            product,
            tenant_id=tenant_id,
            capture_text=capture_text,
            clock=self._stamp.clock,
            random_bits=self._stamp.bits,
        )
        self._scope = f"{product}\n{tenant_id}"
        self.path = folder / f"langgraph-{product}-{self._formatter.emitter_id}.jsonl"
        self._part = self.path.with_suffix(".part")
        self.count = 0
        try:
            self._file = self._part.open("xb")
        except OSError as error:
            raise ImportRefusedError(
                f"{folder} cannot be written: {error.strerror}", "choose a folder with --out that you may write to"
            ) from None

    def write(self, thread_id: str, key: str, at: float, event: Event) -> None:
        """Write the event of a thread that a key names there."""
        self._stamp.at = at
        self._stamp.seed = f"{self._scope}\n{thread_id}\n{key}".encode()
        self._file.write(self._formatter.format_event(event, _LOGGER) + b"\n")
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None and self.count:
            self._part.replace(self.path)
        else:
            self._part.unlink()
