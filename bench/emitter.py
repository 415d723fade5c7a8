"""What an event costs the caller, against the standard library's logging with python-json-logger, all to a file.

All write the same fields as one line with one write, synchronously; for comparison, stderr shows the direct call with a
buffer, too. The emitter adds the envelope (UUIDv7, emitter, seq) and looks for what is personal; the peer writes the
fields and a timestamp.
"""

import logging
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from pythonjsonlogger.json import JsonFormatter

from emitter import EventLogger, SessionMessage, close_logger, get_logger

from .ratio import ratio_line, spread

_EVENTS = 20_000
_REPETITIONS = 7
_BUFFER_BYTES = 65_536


def main() -> int:
    """Run the benchmark; the exit code is 0 whether goals are met or not."""
    logged: list[float] = []
    emitted: list[float] = []
    collected: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(_REPETITIONS):
            theirs.append(_microseconds(_peer(folder)))
            logged.append(_microseconds(_logging_call(get_logger("bench", directory=folder))))
            emitted.append(_microseconds(_direct_call(get_logger("bench", directory=folder))))
            close_logger("bench")
            collected.append(_microseconds(_direct_call(get_logger("bench", directory=folder, batch_size=200))))
            close_logger("bench")
    print(f"{_REPETITIONS} repetitions of {_EVENTS:,} events, microseconds per call", file=sys.stderr)
    print(f"emitter, log.info             {spread(logged)}", file=sys.stderr)
    print(f"emitter, log.emit             {spread(emitted)}", file=sys.stderr)
    print(f"emitter, log.emit, buffer     {spread(collected)}", file=sys.stderr)
    print(f"logging + python-json-logger  {spread(theirs)}", file=sys.stderr)
    print(ratio_line("emitter_call_to_stdlib_json", logged, theirs, goal=0.5))
    print(ratio_line("emitter_emit_to_stdlib_json", emitted, theirs, goal=0.25))
    return 0


def _microseconds(call: Callable[[int], None]) -> float:
    start = perf_counter()
    for number in range(_EVENTS):
        call(number)
    return (perf_counter() - start) / _EVENTS * 1e6


def _logging_call(log: EventLogger) -> Callable[[int], None]:
    def call(number: int) -> None:
        log.info(SessionMessage(session_id="s1", role="ai", message_length=number, response_time_ms=900))

    return call


def _direct_call(log: EventLogger) -> Callable[[int], None]:
    def call(number: int) -> None:
        log.emit(SessionMessage(session_id="s1", role="ai", message_length=number, response_time_ms=900))

    return call


def _peer(folder: Path) -> Callable[[int], None]:
    log = logging.getLogger("bench-peer")
    log.setLevel(logging.INFO)
    log.propagate = False
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()
    handler = logging.FileHandler(folder / "peer.jsonl")
    handler.setFormatter(JsonFormatter("%(message)s %(levelname)s %(name)s", timestamp=True))
    log.addHandler(handler)

    def call(number: int) -> None:
        log.info(
            "session.message",
            extra={"session_id": "s1", "role": "ai", "message_length": number, "response_time_ms": 900},
        )

    return call


if __name__ == "__main__":
    sys.exit(main())
