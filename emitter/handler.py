"""The handler: event lines into one file of its own per process and product."""

import logging
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ._line_file import LineFile, LostLinesError
from .formatter import RECEIPT_ATTRIBUTE, EventFormatter


class EventFileHandler(logging.Handler):
    """Appends lines to ``<directory>/<product>-<host>-<pid>-<start>.jsonl``, each with one write to the file.

    product, directory, formatter: what to write, where, and how a line looks.
    filename: a name instead of the one above, for the first file of the first start in that folder.
    buffer_bytes: collect so many bytes of lines before they are written; ``flush``, ``close`` and the interpreter's
        exit write what is collected. A process that is killed, or leaves through ``os._exit`` as the workers of
        ``multiprocessing`` do, loses it.

    The folder is made and the file opened at the first write. Several processes never share a file: after a fork the
    child opens its own and gets its own ``emitter_id``. It never raises into the product: the first failure is said
    once on stderr, every lost line is counted in ``lost_count`` and leaves a gap in ``seq``.
    """

    def __init__(
        self,
        product: str,
        directory: Path,
        formatter: EventFormatter,
        *,
        filename: str | None = None,
        buffer_bytes: int = 0,
    ) -> None:
        super().__init__()
        self._product = product
        self._directory = directory
        self._event_formatter = formatter
        self._file = LineFile(product, directory, filename, buffer_bytes)
        self._pid = os.getpid()
        self.lost_count = 0
        self.setFormatter(formatter)

    @property
    def emitter_id(self) -> str:
        """The ``emitter_id`` of the lines since the last start."""
        return self._event_formatter.emitter_id

    @property
    def is_direct(self) -> bool:
        """Whether every event becomes a line here that depends on the event alone, so that no record is needed."""
        return (
            self.formatter is self._event_formatter
            and type(self.formatter) is EventFormatter
            and not self.filters
            and self.level <= logging.INFO
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as one line; never raises."""
        try:
            if os.getpid() != self._pid:
                self._start_in_child()
            # Format first: a line that cannot be written has taken its seq, so that the loss shows.
            self._file.put(self.format(record).encode() + b"\n")
        except Exception as error:
            self._count_loss(error)
            return
        receipt = record.__dict__.get(RECEIPT_ATTRIBUTE)
        if receipt is not None and isinstance(self.formatter, EventFormatter):
            receipt.append(self.formatter.event_id)

    def write_event(
        self, event: object, logger: str, tenant_id: str | None, extra: Mapping[str, Any] | None
    ) -> str | None:
        """Write the event as one line; its event_id, or None when the line was lost; never raises.

        For a handler that :attr:`is_direct`: filters, level and a formatter put in later are not asked.
        """
        self.acquire()
        try:
            if os.getpid() != self._pid:
                self._start_in_child()
            self._file.put(self._event_formatter.format_event(event, logger, tenant_id, extra) + b"\n")
        except Exception as error:
            self._count_loss(error)
            return None
        else:
            return self._event_formatter.event_id
        finally:
            self.release()

    def flush(self) -> None:
        """Write what is collected; never raises."""
        self.acquire()
        try:
            # In the child after a fork, what was collected before is the parent's to write.
            if os.getpid() == self._pid:
                self._file.flush()
        except LostLinesError as error:
            self._count_loss(error)
        finally:
            self.release()

    def close(self) -> None:
        """Write what is collected and close the file; a later event opens a new one."""
        self.acquire()
        try:
            self.flush()
            self._file.close()
        finally:
            self.release()
        super().close()

    def _start_in_child(self) -> None:
        self._pid = os.getpid()
        self._file.leave_to_parent()
        self._event_formatter.restart()

    def _count_loss(self, error: Exception) -> None:
        is_first = self.lost_count == 0
        cause: BaseException = error
        if isinstance(error, LostLinesError):
            self.lost_count += error.count
            cause = error.__cause__ or error
        else:
            self.lost_count += 1
        if is_first:
            # A daemon may have no stderr, or a closed one.
            with suppress(Exception):
                sys.stderr.write(
                    f"emitter: cannot write events of {self._product} to {self._directory}"
                    f" ({type(cause).__name__}); the product goes on, lost events are counted."
                    " Check that the folder is writable and has space.\n"
                )
