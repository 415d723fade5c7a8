"""The agenda: simulated time, and what happens next in it."""

from collections.abc import Generator
from heapq import heappop, heappush

#: Something that goes on in the world: a generator that yields the seconds to wait until its next step.
Process = Generator[float, None, None]


class Agenda:
    """Plays processes in the order of time; equal instants in the order in which they were planned.

    ``now`` is in seconds since the epoch, rounded to microseconds: what a log line can say is what happened.
    """

    def __init__(self, start: float) -> None:
        self.now = start
        self._due: list[tuple[float, int, Process]] = []
        self._planned_count = 0

    def start(self, process: Process, at: float | None = None) -> None:
        """Let a process begin, now or at a later instant."""
        self._plan(process, self.now if at is None else at)

    def run(self, until: float) -> None:
        """Play everything that is due up to an instant; what comes later never happens."""
        while self._due and self._due[0][0] <= until:
            self.now, _, process = heappop(self._due)
            wait = next(process, None)
            if wait is not None:
                self._plan(process, self.now + wait)

    def _plan(self, process: Process, at: float) -> None:
        self._planned_count += 1
        heappush(self._due, (round(max(at, self.now), 6), self._planned_count, process))
