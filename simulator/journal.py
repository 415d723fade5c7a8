"""The journal: writes what happens through the emitter, one file per product and week."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from msgspec import to_builtins

from emitter import EVENTS, Event, EventFileHandler, close_logger, event_name, get_logger

from .chance import Chance
from .tenant import DAY

_PRODUCTS = {
    "session": "ai_chatbot",
    "query": "ai_chatbot",
    "api": "ai_chatbot",
    "ai": "ai_chatbot",
    "agent": "agent_workbench",
    "ticket": "agent_workbench",
    "quality": "agent_workbench",
    "hub": "customer_hub",
}
_PRODUCT_OF = {event_class: _PRODUCTS[name.split(".")[0]] for name, event_class in EVENTS.items()}
_WEEK = 7 * DAY


class LostLinesError(Exception):
    """The emitter could not write lines, e.g. because the disk is full."""


class Journal:
    """Event logs of all products in a folder, on a simulated clock.

    Each week is a new start of each product: a new file and a new ``emitter_id``. ``counts`` holds the number of
    lines by the event name under which they were written, ``lines_by_file`` by file.
    """

    def __init__(
        self, folder: Path, *, clock: Callable[[], float], begins_at: float, days: int, chance: Chance
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.lines_by_file: Counter[str] = Counter()
        self.alias_count = 0
        self._folder = folder
        self._clock = clock
        self._begins_at = begins_at
        # Conversations that run over the last midnight stay in the last week's file.
        self._last_week = (days - 1) // 7
        self._chance = chance
        self._week = -1
        self._loggers: dict[str, tuple[logging.Logger, str]] = {}

    def write(
        self, event: Event, /, *, is_outdated: bool = False, unknown_fields: Mapping[str, Any] | None = None
    ) -> None:
        """Write an event of the contract; an outdated product uses the name and fields of older emitters."""
        alias = _alias(event) if is_outdated else None
        if alias is None:
            self._log(_PRODUCT_OF[type(event)], event_name(type(event)), event, unknown_fields)
        else:
            name, fields = alias
            self._log(_PRODUCT_OF[type(event)], name, name, fields)
            self.alias_count += 1

    def write_unknown(self, product: str, name: str, fields: Mapping[str, Any]) -> None:
        """Write an event that the contract does not know."""
        self._log(product, name, name, fields)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def filenames(self) -> list[str]:
        """The files written so far, by product, oldest first."""
        return sorted(self.lines_by_file)

    @property
    def older_filenames(self) -> list[str]:
        """The files of all weeks but the last one."""
        newest = _suffix(self._last_week)
        return [name for name in self.filenames if not name.endswith(newest)]

    def _close(self) -> None:
        """Close the files; raises if lines were lost on the way."""
        lost_count = 0
        for product, (logger, _) in self._loggers.items():
            for handler in logger.handlers:
                lost_count += handler.lost_count if isinstance(handler, EventFileHandler) else 0
            close_logger(product)
        self._loggers.clear()
        if lost_count:
            raise LostLinesError(f"{lost_count} lines could not be written to {self._folder}; is the disk full?")

    def _log(self, product: str, name: str, message: object, fields: Mapping[str, Any] | None) -> None:
        logger, filename = self._logger(product)
        logger.info(message, extra=fields)
        self.counts[name] += 1
        self.lines_by_file[filename] += 1

    def _logger(self, product: str) -> tuple[logging.Logger, str]:
        week = min(int((self._clock() - self._begins_at) // _WEEK), self._last_week)
        if week != self._week:
            self._close()
            self._week = week
        if product not in self._loggers:
            self._loggers[product] = self._open(product)
        return self._loggers[product]

    def _open(self, product: str) -> tuple[logging.Logger, str]:
        close_logger(product)
        filename = product + _suffix(self._week)
        logger = get_logger(
            product,
            directory=self._folder,
            filename=filename,
            clock=self._clock,
            random_bits=self._chance.getrandbits,
        )
        return logger, filename


def _suffix(week: int) -> str:
    return f"-week-{week + 1:02d}.jsonl"


def _alias(event: Event) -> tuple[str, dict[str, Any]] | None:
    """Name and fields of an event as older emitters wrote it; None where they wrote it as it is now."""
    fields = to_builtins(event)
    name = fields.pop("event")
    if name == "session.message":
        return f"message.{fields.pop('role')}", fields
    aliases = {
        "agent.session_message": "message.agent",
        "agent.session_transfer": "session.transfer",
        "query.order": "order.query",
        "query.tracking": "tracking.query",
    }
    return (aliases[name], fields) if name in aliases else None
