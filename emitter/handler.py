"""The handler: event lines into files of its own per process and product, without letting the product wait."""

import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

from . import _lifecycle
from ._entry import Entry, event_id_of
from ._line_file import LineFile
from ._packing import Packer
from ._settings import Options, captures_text, say, settings
from ._writer import Writer
from .errors import EventError
from .formatter import RECEIPT_ATTRIBUTE, EventFormatter
from .health import Health

DEFAULT_DIRECTORY = "logs"


class EventFileHandler(logging.Handler):
    """Takes an event in a few microseconds; a thread of its own writes it.

    product: what the file's name and, without a ``formatter``, the lines begin with.
    directory: of the files; else the variable ``EMITTER_DIRECTORY``, else ``logs``.
    formatter: how a line looks. filename: a name instead of ``<product>-<host>-<pid>-<start>.jsonl``, for the first
        file of the first start in that folder; such a file is not rotated.

    The other options are those of :class:`~emitter.Settings`, and each has its ``EMITTER_*`` variable.

    Files are called ``….open.jsonl`` while they are written, and ``….jsonl`` (or ``….jsonl.gz``) when finished.
    The folder is made and a file opened when there is something to write. Several processes never share a file: after
    a fork the child opens its own and has its own ``emitter_id``. Nothing raises into the product (unless ``strict``):
    the first failure is said once on stderr, every lost event is counted and leaves a gap in ``seq``.
    """

    def __init__(
        self,
        product: str,
        directory: str | Path | None = None,
        formatter: EventFormatter | None = None,
        *,
        filename: str | None = None,
        **given: Unpack[Options],
    ) -> None:
        super().__init__()
        self.options = options = settings(dict(given))
        self._product = product
        self._directory = Path(directory or os.environ.get("EMITTER_DIRECTORY") or DEFAULT_DIRECTORY).absolute()
        self._event_formatter = formatter or EventFormatter(
            product, capture_text=captures_text(), strict=options.strict
        )
        # One that adds fields of its own looks at records; then this is what no handler's formatter is.
        self._plain_formatter = self._event_formatter if type(self._event_formatter) is EventFormatter else self
        self._complained = set[bool]()
        self._has_kept = False
        self._pid = os.getpid()
        self._packer = Packer() if options.compress else None
        self._file = LineFile(
            product,
            self._directory,
            filename=filename,
            rotate_bytes=options.rotate_bytes,
            rotate_seconds=options.rotate_seconds,
            packer=self._packer,
        )
        self._writer = Writer(self._event_formatter, self._file, options, self._complain)
        self._offer = self._writer.offer
        self.setFormatter(self._event_formatter)
        _lifecycle.watch(self)
        if options.handle_sigterm:
            _lifecycle.handle_sigterm()

    @property
    def event_formatter(self) -> EventFormatter:
        """What the handler was made with, also where another formatter was put in later."""
        return self._event_formatter

    @property
    def emitter_id(self) -> str:
        """The ``emitter_id`` of the lines since the last start."""
        return self._event_formatter.emitter_id

    @property
    def lost_count(self) -> int:
        """How many events took a ``seq`` and will not be written."""
        return self._writer.lost_count

    @property
    def is_direct(self) -> bool:
        """Whether every event becomes a line here that depends on the event alone, so that no record is needed."""
        return self.formatter is self._plain_formatter and not self.filters and self.level <= logging.INFO

    @property
    def writes_in_caller(self) -> bool:
        """Whether callers write themselves."""
        return self._writer.writes_in_caller

    @property
    def close_timeout(self) -> float:
        """Seconds that the end of the process waits for it."""
        return self.options.close_timeout

    @property
    def is_writing_here(self) -> bool:
        """Whether the calling thread is in the middle of writing."""
        return self._writer.is_writing_here

    def health(self) -> Health:
        """How it stands."""
        writer = self._writer
        return Health(
            written_count=writer.written_count,
            waiting_count=writer.waiting_count,
            lost_count=writer.lost_count,
            error=writer.error,
            path=self._file.path,
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; never raises, unless ``strict``."""
        formatter = self.formatter
        event_id: str | None
        receipt = record.__dict__.get(RECEIPT_ATTRIBUTE)
        try:
            self._look_for_fork()
            if formatter is self._plain_formatter and isinstance(formatter, EventFormatter):
                entry = formatter.take_record(record)
                is_accepted = self._offer(entry, entry.size)
                event_id = None if receipt is None else event_id_of(entry)
            else:
                # Who knows what another formatter looks at: it sees the record as it is now.
                line = self.format(record).encode()
                is_accepted = self._offer(line, len(line))
                event_id = formatter.event_id if isinstance(formatter, EventFormatter) else None
        except EventError:
            raise
        except Exception as error:
            self._writer.lose(error)
            return
        if receipt is not None and is_accepted and event_id:
            receipt.append(event_id)

    def take_event(
        self, event: object, logger: str, tenant_id: str | None, extra: Mapping[str, Any] | None
    ) -> Entry | None:
        """Take an event; None when it was dropped or cannot be written; never raises, unless ``strict``.

        For a handler that :attr:`is_direct`: filters, level and a formatter put in later are not asked.
        """
        try:
            if not self.options.background:
                self._look_for_fork()
            entry = self._event_formatter.take_event(event, logger, tenant_id, extra)
            return entry if self._offer(entry, entry.size) else None
        except EventError:
            raise
        except Exception as error:
            self._writer.lose(error)
            return None

    def flush(self) -> None:
        """Wait until everything accepted is in the file, at most ``close_timeout`` seconds; never raises."""
        self.flush_within(self.options.close_timeout)

    def flush_within(self, seconds: float) -> bool:
        """Whether everything accepted is in the file, after so many seconds at most; never raises."""
        # In the child after a fork, what was accepted before is the parent's to write.
        return os.getpid() != self._pid or self._writer.flush(seconds)

    def close(self) -> None:
        """Write everything accepted and finish the file; a later event opens a new one."""
        self.close_since(time.monotonic())

    def close_since(self, began: float) -> None:
        """Close, as one of several whose ``close_timeout`` began at an instant of the monotonic clock."""
        if os.getpid() == self._pid:
            deadline = began + self.options.close_timeout
            self._writer.close(max(0.0, deadline - time.monotonic()))
            if self._packer is not None:
                self._packer.wait(deadline)
        super().close()

    def start_in_child(self) -> None:
        """After a fork: an emitter of its own, and nothing of the parent's."""
        self._pid = os.getpid()
        self._file.leave_to_parent()
        if self._packer is not None:
            self._packer.restart()
        self._writer.restart()
        self._event_formatter.restart()

    def keep_to_first(self, directory: str | Path | None, given: Mapping[str, object]) -> None:
        """Say it, once, if a later configuration asks for another folder or other options: there is one per process."""
        names = [name for name, value in given.items() if value != getattr(self.options, name, value)]
        if directory is not None and Path(directory).absolute() != self._directory:
            names.append("directory")
        if names and not self._has_kept:
            self._has_kept = True
            say(
                f"emitter: {self._product} was configured before, with another {' and '.join(names)};"
                f" its events go on to {self._directory}. Configure it where the program begins.\n"
            )

    def _look_for_fork(self) -> None:
        """Servers in other languages fork without telling Python."""
        if os.getpid() != self._pid:
            self.start_in_child()

    def _complain(self, cause: BaseException) -> None:
        """Say the first failure of each kind."""
        is_of_disk = isinstance(cause, OSError)
        if is_of_disk in self._complained:
            return
        self._complained.add(is_of_disk)
        what = f"events of {self._product} to {self._directory}" if is_of_disk else f"an event of {self._product}"
        advice = " Check that the folder is writable and has space." if is_of_disk else ""
        say(
            f"emitter: cannot write {what} ({type(cause).__name__});"
            f" the product goes on, lost events are counted.{advice}\n"
        )
