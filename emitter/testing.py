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
from .logger import event_handlers
from .products import captured_products, event_logger

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
    product: str, *, strict: bool = True, tenant_id: str | None = None, capture_text: bool | None = None
) -> Iterator[CapturedEvents]:
    """The events that a product logs within a block, instead of in its files.

    strict: raise :class:`~emitter.EventError` at the call that logs what the loader would reject.
    tenant_id, capture_text: instead of the product's own; its mask and clock hold in any case. A product that was not
    configured before is not configured by this, nor by a ``get_logger`` within the block.
    """
    logger = event_logger(product)
    own = event_handlers(logger)
    before = own[0].event_formatter if own else EventFormatter(product)
    events = CapturedEvents()
    capturing = _CapturingHandler(before.derived(strict=strict, tenant_id=tenant_id, capture_text=capture_text), events)
    level, propagates, was_captured = logger.level, logger.propagate, product in captured_products
    captured_products.add(product)
    if not own:
        logger.setLevel(logging.INFO)
        logger.propagate = False
    logger.addHandler(capturing)
    for handler in own:
        logger.removeHandler(handler)
    try:
        yield events
    finally:
        if not was_captured:
            captured_products.discard(product)
        for handler in own:
            logger.addHandler(handler)
        logger.removeHandler(capturing)
        capturing.close()
        logger.setLevel(level)
        logger.propagate = propagates
