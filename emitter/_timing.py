"""Timing: an event that says how long a block took and whether it succeeded."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from .context import in_context
from .events import Event, event_name


class Timed:
    """A block that becomes an event at its end; see :meth:`EventLogger.timed`."""

    def __init__(
        self,
        emit: Callable[..., object],
        event_class: type[Event],
        fields: dict[str, Any],
        clock: Callable[[], float],
    ) -> None:
        self._emit = emit
        self._event_class = event_class
        self._fields = fields
        self._clock = clock
        self._began = 0.0

    def set(self, **fields: Any) -> None:
        """Give fields that are known within the block only, e.g. ``status``, or ``success`` of an answer that came."""
        self._fields |= fields

    def __enter__(self) -> Self:
        self._began = self._clock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        known = self._event_class.__struct_fields__
        found: dict[str, Any] = {
            "response_time_ms": round((self._clock() - self._began) * 1000),
            "success": kind is None,
            "error_type": None if kind is None else kind.__qualname__,
        }
        fields = {name: value for name, value in found.items() if name in known and value is not None} | self._fields
        try:
            event = in_context(self._event_class, **fields)
        except TypeError:
            # A field is missing, or unknown: the loader says so, the product goes on.
            self._emit(event_name(self._event_class), extra=fields)
        else:
            self._emit(event)
