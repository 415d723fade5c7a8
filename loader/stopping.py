"""Ctrl-C and SIGTERM: what they become, and where they have to wait."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .errors import StoppedError

_STOPS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_signals() -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into a StoppedError, after the connection has rolled its batch back."""
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in _STOPS}
    try:
        yield
    except KeyboardInterrupt:
        number = received[0] if received else signal.SIGINT
        raise StoppedError(signal.Signals(number).name, 128 + number) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stops_held_back() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait for the end of what must not be done by halves; a second one waits no more.

    By handlers, not by a mask: another thread, such as that of a library, would take a masked signal up. An error of
    the work goes before a stop.
    """
    before = {number: signal.getsignal(number) for number in _STOPS}
    received: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        signal.signal(number, before[signal.Signals(number)])

    try:
        for number in _STOPS:
            signal.signal(number, hold)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for stop in received:
        signal.raise_signal(stop)
