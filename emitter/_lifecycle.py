"""When processes begin and end: forks, the interpreter's exit, SIGTERM, the workers of multiprocessing and Celery."""

import atexit
import os
import signal
import sys
import threading
import time
from _thread import start_new_thread
from contextlib import suppress
from types import FrameType
from typing import Any, Protocol
from weakref import WeakSet


class Lively(Protocol):
    """What has to know of it: the handlers."""

    @property
    def is_writing_here(self) -> bool:
        """Whether the calling thread is in the middle of writing."""

    def start_in_child(self) -> None:
        """After a fork, in the child."""

    @property
    def writes_in_caller(self) -> bool:
        """Whether callers write themselves, so that a disk that stalls holds them."""

    @property
    def close_timeout(self) -> float:
        """Seconds that the end of the process waits for it."""

    def close_since(self, began: float) -> None:
        """Write everything, before its timeout has passed since then."""


#: Workers that leave through `os._exit` run the finalisers of these, and nothing else.
_MULTIPROCESSING = ("multiprocessing.util", "billiard.util")
#: After the finalisers of everybody else, which may log.
_LAST = -1000

_alive = WeakSet[Lively]()


class _State:
    """What is known of this process."""

    is_ending = False
    finishing_pid = 0
    deferred_signal = 0


def watch(lively: Lively) -> None:
    """Tell it of the ends and beginnings of processes for as long as it lives."""
    _alive.add(lively)


def is_ending() -> bool:
    """Whether the interpreter is about to exit, so that no thread should be begun."""
    return _State.is_ending


def close_all() -> None:
    """Write everything that was accepted."""
    began = time.monotonic()
    for lively in list(_alive):
        lively.close_since(began)


def finish_with_multiprocessing() -> None:
    """Let the workers of pools write everything at their end. Called when a process writes its first event."""
    if _State.finishing_pid == os.getpid():
        return
    _State.finishing_pid = os.getpid()
    for name in _MULTIPROCESSING:
        util: Any = sys.modules.get(name)
        if util is not None:
            util.Finalize(None, close_all, exitpriority=_LAST)


def handle_sigterm() -> None:
    """Write everything when SIGTERM comes, then end as without us. Only where nobody else cares for that signal."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _on_sigterm)


def deal_with_deferred_signal() -> None:
    """End, if a signal asked for it while this thread was writing."""
    if _State.deferred_signal:
        number, _State.deferred_signal = _State.deferred_signal, 0
        _end_by(number)


def _on_sigterm(number: int, _frame: FrameType | None) -> None:
    if any(lively.is_writing_here for lively in list(_alive)):
        # It interrupted a line: let that be written first, if it can be.
        _State.deferred_signal = number
        _end_later_by(number)
    else:
        _end_by(number)


def _end_by(number: int) -> None:
    # Other threads may go on logging: from now on each writes its own event.
    _State.is_ending = True
    if any(lively.writes_in_caller for lively in list(_alive)):
        _end_later_by(number)
    close_all()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    # The first process of a container goes on.
    _State.is_ending = False


def _end_later_by(number: int) -> None:
    """Let the signal come again, and end the process, if this thread is held by a disk that stalls."""
    signal.signal(number, signal.SIG_DFL)
    seconds = max((lively.close_timeout for lively in list(_alive)), default=0.0)

    def end() -> None:
        waiting = threading.Lock()
        waiting.acquire()
        waiting.acquire(timeout=min(seconds, threading.TIMEOUT_MAX))
        os.kill(os.getpid(), number)

    # Not by way of threading, whose locks the interrupted call may hold. There are no new threads at the end.
    with suppress(RuntimeError):
        start_new_thread(end, ())


def _at_exit() -> None:
    # What is logged after this is written at once.
    _State.is_ending = True
    close_all()


def _start_in_child() -> None:
    for lively in list(_alive):
        lively.start_in_child()


# Registered after logging's own, and so called before it.
atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_in_child)
