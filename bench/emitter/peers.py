"""The emitter and its peers, each set up to write the fields of one event as JSON lines into a file.

=======================  =============================================================================================
way                      what it guarantees when the call has returned
=======================  =============================================================================================
emitter, ``log.emit``    accepted with its ``seq``: in the file within the flush interval; all of it at exit, SIGTERM,
                         fork and in pools; bounded memory; what is dropped is counted and leaves a gap
emitter, all other ways  the same
logging, synchronous     in the file (a kill of the process loses nothing); the caller waits for the disk
logging, QueueHandler    in an unbounded queue; nothing at SIGTERM, after a fork, or without ``listener.stop()``
structlog, synchronous   in the file; the caller waits for the disk; msgspec encodes, as its guide to speed advises
loguru, ``enqueue``      in an unbounded pipe to a thread of its own; nothing at SIGTERM
=======================  =============================================================================================

The emitter's lines hold six envelope fields more than those of its peers (ids, seq, product, tenant, version).
"""

import logging
import logging.handlers
import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import loguru
import msgspec
import structlog
from pythonjsonlogger.json import JsonFormatter

from emitter import SessionMessage, bind, close_logger, get_logger, in_context

#: Logs the event of a number.
Call = Callable[[int], object]
Way = Callable[[Path], Iterator[Call]]
_TEXT = "Where is my parcel? It should have come on Tuesday."


def emitted(folder: Path) -> Iterator[Call]:
    """The direct call."""
    log = get_logger("bench", directory=folder)
    yield lambda number: log.emit(
        SessionMessage(session_id="s1", role="ai", message_length=number, response_time_ms=900)
    )
    close_logger("bench")


def logged(folder: Path) -> Iterator[Call]:
    """The logging call."""
    log = get_logger("bench", directory=folder)
    yield lambda number: log.info(
        SessionMessage(session_id="s1", role="ai", message_length=number, response_time_ms=900)
    )
    close_logger("bench")


def plain(folder: Path) -> Iterator[Call]:
    """The logging call with a name and ``extra``."""
    log = get_logger("bench", directory=folder)
    yield lambda number: log.info(
        "session.message",
        extra={"session_id": "s1", "role": "ai", "message_length": number, "response_time_ms": 900},
    )
    close_logger("bench")


def worded(folder: Path) -> Iterator[Call]:
    """An event with its text, which is left out, as it is by default."""
    yield from _worded(folder, capture_text=False)


def captured(folder: Path) -> Iterator[Call]:
    """An event with its text, which is kept and masked."""
    yield from _worded(folder, capture_text=True)


def _worded(folder: Path, *, capture_text: bool) -> Iterator[Call]:
    log = get_logger("bench", directory=folder, capture_text=capture_text)
    yield lambda number: log.emit(SessionMessage(session_id="s1", role="ai", message_length=number, text=_TEXT))
    close_logger("bench")


def in_bounds(folder: Path) -> Iterator[Call]:
    """An event that takes its session and tenant from the context."""
    log = get_logger("bench", directory=folder)
    with bind(session_id="s1", tenant_id="acme"):
        yield lambda number: log.emit(
            in_context(SessionMessage, role="ai", message_length=number, response_time_ms=900)
        )
    close_logger("bench")


def synchronous(folder: Path) -> Iterator[Call]:
    """The standard library with python-json-logger."""
    handler = logging.FileHandler(folder / "peer.jsonl")
    handler.setFormatter(_json())
    yield _call_of(log := _logger(handler))
    log.removeHandler(handler)
    handler.close()


def queued(folder: Path) -> Iterator[Call]:
    """The same behind a QueueHandler."""
    handler = logging.FileHandler(folder / "peer.jsonl")
    handler.setFormatter(_json())
    events = queue.SimpleQueue[logging.LogRecord]()
    entrance = logging.handlers.QueueHandler(events)
    listener = logging.handlers.QueueListener(events, handler)
    listener.start()
    yield _call_of(log := _logger(entrance))
    listener.stop()
    log.removeHandler(entrance)
    handler.close()


def structlogged(folder: Path) -> Iterator[Call]:
    """Structlog as its guide to performance sets it up."""
    with (folder / "peer.jsonl").open("wb") as file:
        structlog.configure(
            cache_logger_on_first_use=True,
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(serializer=_encode),
            ],
            logger_factory=structlog.BytesLoggerFactory(file=file),
        )
        log = structlog.get_logger().bind()
        yield lambda number: log.info(
            "session.message", session_id="s1", role="ai", message_length=number, response_time_ms=900
        )
    structlog.reset_defaults()


def enqueued(folder: Path) -> Iterator[Call]:
    """Loguru with a thread that writes."""
    loguru.logger.remove()
    number = loguru.logger.add(folder / "peer.jsonl", serialize=True, enqueue=True, format="{message}")
    log = loguru.logger
    yield lambda number: log.bind(session_id="s1", role="ai", message_length=number, response_time_ms=900).info(
        "session.message"
    )
    loguru.logger.remove(number)


#: By what a ratio of it is called, and in words.
OURS: dict[tuple[str, str], Way] = {
    ("emit", "log.emit(event)"): emitted,
    ("call", "log.info(event)"): logged,
    ("plain", "log.info(name, extra={…})"): plain,
    ("text_dropped", "log.emit(event with text)"): worded,
    ("text_kept", "the same, text captured"): captured,
    ("bound", "log.emit(in_context(…))"): in_bounds,
}
PEERS: dict[str, Way] = {
    "logging + python-json-logger": synchronous,
    "the same with QueueHandler": queued,
    "structlog": structlogged,
    "loguru, enqueue": enqueued,
}


@contextmanager
def ready(way: Way, folder: Path) -> Iterator[Call]:
    """A way, set up and taken down."""
    steps = way(folder)
    yield next(steps)
    next(steps, None)


def _encode(value: object, **_: object) -> bytes:
    return msgspec.json.encode(value)


def _json() -> JsonFormatter:
    return JsonFormatter("%(message)s %(levelname)s %(name)s", timestamp=True)


def _logger(handler: logging.Handler) -> logging.Logger:
    log = logging.getLogger("bench-peer")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(handler)
    return log


def _call_of(log: logging.Logger) -> Call:
    return lambda number: log.info(
        "session.message",
        extra={"session_id": "s1", "role": "ai", "message_length": number, "response_time_ms": 900},
    )
