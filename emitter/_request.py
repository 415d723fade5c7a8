"""What somebody asks of the thread that writes."""

import threading
import time

#: How often those who wait for the thread look whether it is still there.
_LOOK_SECONDS = 0.1


class Request:
    """Somebody waits until all that is in the buffer now is written."""

    def __init__(self, *, closes: bool) -> None:
        self.closes = closes
        self.is_met = False
        self._done = threading.Event()

    def answer(self, *, is_met: bool) -> None:
        self.is_met = is_met
        self._done.set()

    def wait(self, deadline: float, thread: threading.Thread) -> bool:
        """Whether it was answered, by a thread that may end without having seen it."""
        while not self._done.wait(max(0.0, min(deadline - time.monotonic(), _LOOK_SECONDS))):
            if time.monotonic() >= deadline or not thread.is_alive():
                return self._done.is_set()
        return True
