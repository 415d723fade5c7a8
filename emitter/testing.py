"""For a product's own tests: what it logs, through the real formatter, without a file.

>>> from emitter.testing import capture
>>> with capture("ai_chatbot") as events:
...     answer("Where is my parcel?")
>>> assert [event.role for event in events.of(SessionMessage)] == ["user", "ai"]
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec

from .events import Event, event_name
from .formatter import RECEIPT_ATTRIBUTE, EventFormatter
from .logger import EventLogger, event_handlers, get_logger

__all__ = ["CapturedEvents", "capture"]

_Event = TypeVar("_Event", bound=Event)


class CapturedEvents:
    """The lines of a block, in the order of the calls."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line as the loader will read it, envelope and all."""
        return [msgspec.json.decode(line) for line in self._lines]

    @property
    def names(self) -> list[str]:
        """The event of every line."""
        return [line["event"] for line in self.lines]

    def of(self, event_class: type[_Event]) -> list[_Event]:
        """The events of one class. Raises msgspec.ValidationError for a line that breaks the contract."""
        name = event_name(event_class)
        return [msgspec.json.decode(raw, type=event_class) for raw, line in zip(self._lines, self.lines, strict=True)
                if line["event"] == name]  # fmt: skip

    def add(self, line: bytes) -> None:
        """Take a line."""
        self._lines.append(line)


class _CapturingHandler(logging.Handler):
    def __init__(self, formatter: EventFormatter, events: CapturedEvents) -> None:
        super().__init__()
        self._event_formatter = formatter
        self._events = events
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self._events.add(line.encode())
        receipt = record.__dict__.get(RECEIPT_ATTRIBUTE)
        if receipt is not None:
            receipt.append(self._event_formatter.event_id)


@contextmanager
def capture(
    product: str, *, strict: bool = True, tenant_id: str = "default", capture_text: bool = False
) -> Iterator[CapturedEvents]:
    """The events that a product logs within a block, instead of in its files.

    strict: raise :class:`~emitter.EventError` at the call that logs what the loader would reject.
    tenant_id, capture_text: as those of ``get_logger``.
    """
    logger: EventLogger = get_logger(product)
    events = CapturedEvents()
    formatter = EventFormatter(product, tenant_id=tenant_id, capture_text=capture_text, strict=strict)
    capturing = _CapturingHandler(formatter, events)
    own = event_handlers(logger)
    logger.addHandler(capturing)
    for handler in own:
        logger.removeHandler(handler)
    try:
        yield events
    finally:
        for handler in own:
            logger.addHandler(handler)
        logger.removeHandler(capturing)
        capturing.close()
