"""The way in: a standard logger whose lines are events."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from ._entry import event_id_of
from ._timing import Timed
from .events import Event
from .formatter import FIELDS_ATTRIBUTE, RECEIPT_ATTRIBUTE, TENANT_ATTRIBUTE
from .handler import EventFileHandler
from .health import Health


def _own(name: str) -> object:
    """A method of logging's, or None where somebody has put another one in its place."""
    method = getattr(logging.Logger, name)
    return method if getattr(method, "__globals__", None) is vars(logging) else None


_HANDLE, _CALL_HANDLERS = _own("handle"), _own("callHandlers")


class EventLogger(logging.Logger):
    """A standard logger that takes any key in ``extra``, also ``name`` or ``args``, which logging itself refuses.

    Beside the logging calls it has :meth:`emit`, the short way in for events, which ``info`` takes where it can. It
    cannot be switched off by ``disabled``, as ``logging.config`` does with loggers that it was not told of: events are
    data. Levels, filters and ``logging.disable`` hold.
    """

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, False if name == "disabled" else value)

    def info(self, msg: object, *args: object, extra: Mapping[str, Any] | None = None, **options: Any) -> None:
        """As logging's."""
        handler = None if args or options else self._direct_handler()
        if handler is not None:
            if self.isEnabledFor(logging.INFO):
                handler.take_event(msg, self.name, None, extra)
        else:
            # One frame more between the product and logging, which notes where the call stands.
            options["stacklevel"] = options.get("stacklevel", 1) + 1
            super().info(msg, *args, extra=extra, **options)

    def emit(self, event: Event | str, *, tenant_id: str | None = None, extra: Mapping[str, Any] | None = None) -> bool:
        """Write an event without the detour over a log record; same line, same guarantees.

        tenant_id: of this event; it goes before the one in ``extra``.

        Returns whether it was accepted, and not dropped or not wanted (level, filter); never raises, unless the emitter
        is ``strict``. Where anybody else has a say (a filter, a record factory, a second handler, a subclass, an error
        tracker that patched ``handle`` or ``callHandlers`` of logging), the event takes the way of the logging call,
        so that they are asked as ever.
        """
        if not self.isEnabledFor(logging.INFO):
            return False
        handler = self._direct_handler()
        if handler is not None:
            return handler.take_event(event, self.name, tenant_id, extra) is not None
        return self._emitted_by_record(event, tenant_id, extra) is not None

    def emit_with_id(
        self, event: Event | str, *, tenant_id: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> str | None:
        """As :meth:`emit`; returns the event_id, which takes half a microsecond more, or None."""
        if not self.isEnabledFor(logging.INFO):
            return None
        handler = self._direct_handler()
        if handler is not None:
            entry = handler.take_event(event, self.name, tenant_id, extra)
            # The thread may have made the line by now, with the same id.
            return None if entry is None else event_id_of(entry)
        return self._emitted_by_record(event, tenant_id, extra)

    def _emitted_by_record(
        self, event: Event | str, tenant_id: str | None, extra: Mapping[str, Any] | None
    ) -> str | None:
        receipt: list[str] = []
        path, line_number, function, _ = self.findCaller(stacklevel=3)
        record = self.makeRecord(
            self.name, logging.INFO, path, line_number, event, (), None, func=function, extra=extra
        )
        record.__dict__ |= {TENANT_ATTRIBUTE: tenant_id, RECEIPT_ATTRIBUTE: receipt}
        self.handle(record)
        return receipt[0] if receipt else None

    def timed(self, event_class: type[Event], **fields: Any) -> Timed:
        """A block whose end is an event: it fills ``response_time_ms``, ``success`` and ``error_type``.

        >>> with log.timed(ApiCozeCall, session_id="s1", workflow_id="w1") as call:
        ...     answer = await client.run()
        ...     call.set(success=answer.is_right)

        Of these, those that the event has; what is given goes before, then what :mod:`emitter.context` binds. An error
        of the block makes ``success`` false and goes on to the caller.
        """
        return Timed(self.emit, event_class, fields, time.perf_counter)

    def health(self) -> Health | None:
        """How its handler stands; None for a logger that has none."""
        handlers = event_handlers(self)
        return handlers[0].health() if handlers else None

    def flush(self, timeout: float = 5.0) -> bool:
        """Whether all events accepted until now are in the files, after so many seconds at most; never raises."""
        deadline = time.monotonic() + timeout
        return all(handler.flush_within(max(0.0, deadline - time.monotonic())) for handler in event_handlers(self))

    def _direct_handler(self) -> EventFileHandler | None:
        """The only handler, if its lines depend on the events alone: then nobody needs a record."""
        handlers = self.handlers
        if (
            len(handlers) == 1
            and type(handler := handlers[0]) is EventFileHandler
            and handler.is_direct
            and not (self.filters or self.propagate)
            and logging.getLogRecordFactory() is logging.LogRecord
            and (own := type(self)).handle is _HANDLE
            and own.callHandlers is _CALL_HANDLERS
            and "handle" not in (names := self.__dict__)
            and "callHandlers" not in names
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


def event_handlers(logger: logging.Logger) -> list[EventFileHandler]:
    """The emitter's handlers of a logger."""
    return [handler for handler in logger.handlers if isinstance(handler, EventFileHandler)]
