"""The logger of each product: made and configured at the first call, the same one at all others."""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Unpack

from ._lifecycle import handle_sigterm
from ._masking import Mask
from ._settings import Options, captures_text, settings
from .formatter import EventFormatter
from .handler import EventFileHandler
from .logger import EventLogger, event_handlers

_NAMESPACE = "emitter."
# Two threads that ask for a logger at once must not give it a handler each. Another one in the child of a fork, where
# nobody may be left to release it.
_configuring = threading.RLock()
#: Of which :func:`emitter.testing.capture` takes the events: these get no handler meanwhile.
captured_products = set[str]()


def _begin_in_child() -> None:
    global _configuring  # noqa: PLW0603 - a lock that another thread held cannot be released
    _configuring = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)


def get_logger(
    product: str,
    *,
    directory: str | Path | None = None,
    filename: str | None = None,
    tenant_id: str = "default",
    capture_text: bool | None = None,
    mask: Mask | None = None,
    clock: Callable[[], float] | None = None,
    random_bits: Callable[[int], int] | None = None,
    **options: Unpack[Options],
) -> EventLogger:
    """The event logger of a product, e.g. ``ai_chatbot``; the first call configures it, later calls return it.

    directory: folder of the log files; else the variable ``EMITTER_DIRECTORY``, else ``logs``.
    filename: name of the file; by default ``<product>-<host>-<pid>-<start>.jsonl``.
    tenant_id: tenant of events where neither the call nor the context gives one.
    capture_text: keep message texts, masked; else the variable ``EMITTER_CAPTURE_TEXT`` (``1``), else off.
    mask: called with each free text after the emitter has masked it.
    clock, random_bits: for tests and simulations: seconds since the epoch, and a source of random bits.

    The others are those of :class:`~emitter.Settings`, each with its ``EMITTER_*`` variable. Raises ValueError for a
    value that makes no sense.

    Lines do not go on to the root logger: events are data, not messages for the console. A later call that asks for
    another folder or other settings than the first gets what there is, and it is said on stderr, once.
    """
    logger = event_logger(product)
    with _configuring:
        # Others may have added handlers of their own, as error trackers and test runners do.
        if product in captured_products:
            return logger
        if configured := event_handlers(logger):
            configured[0].keep_to_first(directory, options)
            # The first call may have come from another thread, where Python sets no signal handlers.
            if configured[0].options.handle_sigterm:
                handle_sigterm()
            return logger
        chosen = settings(dict(options))
        randomness: dict[str, Any] = {} if random_bits is None else {"random_bits": random_bits}
        formatter = EventFormatter(
            product,
            tenant_id=tenant_id,
            capture_text=captures_text() if capture_text is None else capture_text,
            mask=mask,
            clock=clock,
            strict=chosen.strict,
            **randomness,
        )
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(EventFileHandler(product, directory, formatter, filename=filename, **asdict(chosen)))
    return logger


def close_logger(product: str) -> None:
    """Write what waits, finish the file of a product's logger; the next :func:`get_logger` configures it anew."""
    logger = event_logger(product)
    for handler in event_handlers(logger):
        logger.removeHandler(handler)
        handler.close()


def event_logger(product: str) -> EventLogger:
    """The logger of a product, configured or not."""
    name = _NAMESPACE + product
    manager = logging.Logger.manager
    with _configuring:
        previous = manager.loggerClass
        manager.loggerClass = EventLogger
        try:
            logger = manager.getLogger(name)
        finally:
            manager.loggerClass = previous
    if not isinstance(logger, EventLogger):
        raise TypeError(f"logger {name!r} is no EventLogger; call emitter.get_logger before logging.getLogger")
    return logger
