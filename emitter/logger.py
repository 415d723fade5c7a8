"""The way in: a standard logger whose lines are events."""

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .events import Event
from .formatter import FIELDS_ATTRIBUTE, RECEIPT_ATTRIBUTE, TENANT_ATTRIBUTE, EventFormatter
from .handler import EventFileHandler

DEFAULT_DIRECTORY = "logs"
_NAMESPACE = "emitter."
_EXTRA_ALONE = frozenset({"extra"})


def _own(name: str) -> object:
    """A method of logging's, or None where somebody has put another one in its place."""
    method = getattr(logging.Logger, name)
    return method if getattr(method, "__globals__", None) is vars(logging) else None


_HANDLE, _CALL_HANDLERS = _own("handle"), _own("callHandlers")


class EventLogger(logging.Logger):
    """A standard logger that takes any key in ``extra``, also ``name`` or ``args``, which logging itself refuses.

    Beside the logging calls it has :meth:`emit`, the short way in for events, which ``info`` takes where it can.
    """

    def info(self, msg: object, *args: object, **options: Any) -> None:
        """As logging's."""
        handler = None if args or options.keys() - _EXTRA_ALONE else self._direct_handler()
        if handler is not None:
            if self.isEnabledFor(logging.INFO):
                handler.write_event(msg, self.name, None, options.get("extra"))
        else:
            # One frame more between the product and logging, which notes where the call stands.
            super().info(msg, *args, **{**options, "stacklevel": options.get("stacklevel", 1) + 1})

    def emit(
        self, event: Event | str, *, tenant_id: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> str | None:
        """Write an event without the detour over a log record; same line, same guarantees.

        tenant_id: of this event; it goes before the one in ``extra``.

        Returns the event_id, or None when the line was lost or not wanted (level, filter); never raises. With a
        buffer, a line that is collected counts as written. Where anybody else has a say (a filter, a record factory, a
        second handler, a subclass, an error tracker that patched ``handle`` or ``callHandlers`` of logging), the event
        takes the way of the logging call, so that they are asked as ever.
        """
        if not self.isEnabledFor(logging.INFO):
            return None
        handler = self._direct_handler()
        if handler is not None:
            return handler.write_event(event, self.name, tenant_id, extra)
        receipt: list[str] = []
        path, line_number, function, _ = self.findCaller(stacklevel=2)
        record = self.makeRecord(
            self.name, logging.INFO, path, line_number, event, (), None, func=function, extra=extra
        )
        record.__dict__ |= {TENANT_ATTRIBUTE: tenant_id, RECEIPT_ATTRIBUTE: receipt}
        self.handle(record)
        return receipt[0] if receipt else None

    def _direct_handler(self) -> EventFileHandler | None:
        """The only handler, if its lines depend on the events alone: then nobody needs a record."""
        try:
            [handler] = self.handlers
        except ValueError:
            return None
        if (
            type(handler) is EventFileHandler
            and handler.is_direct
            and not (self.filters or self.propagate)
            and logging.getLogRecordFactory() is logging.LogRecord
            and getattr(self.handle, "__func__", 0) is _HANDLE
            and getattr(self.callHandlers, "__func__", 0) is _CALL_HANDLERS
        ):
            return handler
        return None

    def makeRecord(  # noqa: N802, PLR0917 - name and arguments are logging's
        self,
        name: str,
        level: int,
        fn: str,
        lno: int,
        msg: object,
        args: Any,
        exc_info: Any,
        func: str | None = None,
        extra: Mapping[str, object] | None = None,
        sinfo: str | None = None,
    ) -> logging.LogRecord:
        """The record, with ``extra`` as one attribute so that no key of it can clash with the record's own.

        What is no mapping raises in the formatter, where it counts as a lost line, and not into the product.
        """
        return super().makeRecord(name, level, fn, lno, msg, args, exc_info, func, {FIELDS_ATTRIBUTE: extra}, sinfo)


def get_logger(
    product: str,
    *,
    directory: str | Path | None = None,
    filename: str | None = None,
    tenant_id: str = "default",
    capture_text: bool | None = None,
    clock: Callable[[], float] | None = None,
    random_bits: Callable[[int], int] | None = None,
    buffer_bytes: int = 0,
) -> EventLogger:
    """The event logger of a product, e.g. ``ai_chatbot``; the first call configures it, later calls return it.

    directory: folder of the log files; else the variable ``EMITTER_DIRECTORY``, else ``logs``.
    filename: name of the file; by default ``<product>-<host>-<pid>-<start>.jsonl``.
    tenant_id: tenant of events that give none in ``extra={"tenant_id": …}``.
    capture_text: keep message texts, masked; else the variable ``EMITTER_CAPTURE_TEXT`` (``1``), else off.
    buffer_bytes: collect so many bytes of lines before they are written, at the latest by :func:`close_logger` or at
        the interpreter's exit; a process that is killed loses what is collected. By default, each is written at once.
    clock, random_bits: for tests and simulations: seconds since the epoch, and a source of random bits.

    Lines do not go on to the root logger: events are data, not messages for the console.
    """
    logger = _event_logger(_NAMESPACE + product)
    # Others may have added handlers of their own, as error trackers and test runners do.
    if not _event_handlers(logger):
        options: dict[str, Any] = {} if random_bits is None else {"random_bits": random_bits}
        formatter = EventFormatter(
            product,
            tenant_id=tenant_id,
            capture_text=os.environ.get("EMITTER_CAPTURE_TEXT") == "1" if capture_text is None else capture_text,
            clock=clock,
            **options,
        )
        folder = Path(directory or os.environ.get("EMITTER_DIRECTORY") or DEFAULT_DIRECTORY)
        logger.addHandler(EventFileHandler(product, folder, formatter, filename=filename, buffer_bytes=buffer_bytes))
        logger.setLevel(logging.INFO)
        logger.propagate = False
    return logger


def close_logger(product: str) -> None:
    """Close the file of a product's logger; the next :func:`get_logger` configures it anew."""
    logger = _event_logger(_NAMESPACE + product)
    for handler in _event_handlers(logger):
        logger.removeHandler(handler)
        handler.close()


def _event_handlers(logger: logging.Logger) -> list[EventFileHandler]:
    return [handler for handler in logger.handlers if isinstance(handler, EventFileHandler)]


def _event_logger(name: str) -> EventLogger:
    manager = logging.Logger.manager
    previous = manager.loggerClass
    manager.loggerClass = EventLogger
    try:
        logger = manager.getLogger(name)
    finally:
        manager.loggerClass = previous
    if not isinstance(logger, EventLogger):
        raise TypeError(f"logger {name!r} is no EventLogger; call emitter.get_logger before logging.getLogger")
    return logger
