"""What an emitter loses: counted by reason, and said in a line of its own."""

import threading
from collections.abc import Callable
from contextvars import Context

from ._drain import Drain
from .events.own import EmitterDropped, Reason
from .formatter import EventFormatter

_LOGGER = "emitter"


class Losses:
    """Counts of events that took a ``seq`` and will not come into a file, and lines that say so.

    abandoned_count: given up at a close. doubtful_count: in the middle of a write that does not come back.
    lines: that say how many were lost, and are not in the file's hands yet.
    """

    def __init__(self, formatter: EventFormatter, drain: Drain, complain: Callable[[BaseException], None]) -> None:
        self._formatter = formatter
        self._drain = drain
        self._complain = complain
        # Held for a moment by callers, and by a signal handler that interrupts one of them.
        self._counting = threading.RLock()
        self._dropped_count = self._failed_count = 0
        self._told: dict[Reason, int] = {"buffer_full": 0, "unwritable": 0}
        self.abandoned_count = self.doubtful_count = 0
        self.lines = list[bytes]()

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self._by_reason().values()) + self.abandoned_count + self.doubtful_count

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to say."""
        return not self.lines and self._told == self._by_reason()

    def drop(self) -> None:
        """One found no room."""
        with self._counting:
            self._dropped_count += 1

    def fail(self, error: BaseException) -> None:
        """One could not be taken down."""
        with self._counting:
            self._failed_count += 1
        self._complain(error)

    def note(self) -> None:
        """Make the lines that say how many there were since the last time; each takes the next ``seq``."""
        lost = self._by_reason()
        for reason, told in self._told.items():
            if lost[reason] > told:
                event = EmitterDropped(lines_count=lost[reason] - told, reason=reason)
                try:
                    # What is bound where a caller writes has nothing to do with it.
                    line = Context().run(self._formatter.format_event, event, _LOGGER)
                except Exception as error:
                    # A clock that failed may go on; the events that have their time are not to wait for it.
                    self._complain(error)
                    return
                self._told[reason] = lost[reason]
                self.lines.append(line)

    def say(self) -> None:
        """Write these lines. Raises OSError."""
        while self.lines:
            self._drain.say(self.lines.pop(0))

    def _by_reason(self) -> dict[Reason, int]:
        return {"buffer_full": self._dropped_count, "unwritable": self._failed_count + self._drain.spoilt_count}
