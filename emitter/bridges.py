"""For products that log through structlog or loguru: their calls become event lines. Neither is imported here.

structlog, as its last processor and its logger factory::

    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, to_event],
        logger_factory=EventLoggerFactory("ai_chatbot"),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.get_logger().info("session.start", session_id="s1", channel="web")

loguru, as a sink::

    loguru.logger.add(loguru_sink("ai_chatbot"), level="INFO", format="{message}")
    loguru.logger.bind(session_id="s1", channel="web").info("session.start")

An event object goes through both: ``structlog.get_logger().info(SessionStart(…))``, and in loguru as
``logger.bind(event=SessionStart(…)).info("session.start")``, which formats texts only.
"""

import logging
from collections.abc import Callable, MutableMapping
from typing import Any

from ._bodies import shadowed
from .events import Event
from .logger import EventLogger
from .products import get_logger

#: What both add to a call, and what says how to log and is no field.
_LEVELS = frozenset({"debug", "info", "warn", "warning", "error", "critical", "exception", "notset"})
_HOW = ("exc_info", "stack_info", "stacklevel")


def to_event(
    _logger: object, _method: str, event_dict: MutableMapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A processor of structlog, the last one: from its dictionary to the call of an event logger.

    ``timestamp`` and ``level`` of other processors are left to the emitter.
    """
    fields = dict(event_dict)
    event = fields.pop("event", "")
    how = {name: fields.pop(name) for name in _HOW if name in fields}
    known = shadowed(event if isinstance(event, str) else "")
    for name in ("timestamp", "level", "logger"):
        # A contract event's own field of that name is no level of logging, which is a word.
        if not (name in known and fields.get(name) not in _LEVELS):
            fields.pop(name, None)
    return (event,), {"extra": fields, **how}


class EventLoggerFactory:
    """A logger factory of structlog: every logger writes the events of one product. options: of ``get_logger``."""

    def __init__(self, product: str, **options: Any) -> None:
        self._product = product
        self._options = options

    def __call__(self, *_: object) -> EventLogger:
        return get_logger(self._product, **self._options)


def loguru_sink(product: str, **options: Any) -> Callable[[Any], None]:
    """A sink of loguru that writes the events of a product. options: of ``get_logger``."""
    log = get_logger(product, **options)

    def write(message: Any) -> None:
        record = message.record
        fields = dict(record["extra"])
        event = fields.pop("event", None)
        error = record["exception"]
        log.log(
            min(record["level"].no, logging.CRITICAL),
            event if isinstance(event, Event) else record["message"],
            extra=fields,
            exc_info=(error.type, error.value, error.traceback) if error and error.type else None,
        )

    return write
