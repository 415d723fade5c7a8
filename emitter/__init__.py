"""Structured event logging for AI support desks: one JSON object per line, by the event contract.

>>> from emitter import SessionStart, get_logger
>>> log = get_logger("ai_chatbot")
>>> log.info(SessionStart(session_id="s1", channel="web"))
>>> log.info("session.start", extra={"session_id": "s1", "channel": "web"})
"""

from . import events
from ._settings import Settings
from .context import bind, bound, in_context
from .errors import EventError
from .events import *  # noqa: F403 - the event classes are the public surface; events.__all__ lists them
from .formatter import EventFormatter
from .handler import EventFileHandler
from .health import Health
from .logger import EventLogger
from .products import close_logger, get_logger

__all__ = [
    "EventError",
    "EventFileHandler",
    "EventFormatter",
    "EventLogger",
    "Health",
    "Settings",
    "bind",
    "bound",
    "close_logger",
    "get_logger",
    "in_context",
]
__all__ += events.__all__
