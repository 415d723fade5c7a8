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

    @property
    def next_at(self) -> float | None:
        """When the next thing happens; None when nothing is due any more."""
        return self._due[0][0] if self._due else None

    def start(self, process: Process, at: float | None = None) -> None:
        """Let a process begin, now or at a later instant."""
        self._plan(process, self.now if at is None else at)

    def run(self, until: float) -> None:
        """Play everything that is due up to an instant; what comes later never happens."""
        due = self._due
        while due and due[0][0] <= until:
            self.now, _, process = heappop(due)
            wait = next(process, None)
            if wait is not None:
                self._plan(process, self.now + wait)

    def _plan(self, process: Process, at: float) -> None:
        self._planned_count += 1
        # Quicker than round(…, 6), and the same for the instants of this century.
        instant = int((at if at > self.now else self.now) * 1e6 + 0.5) / 1e6
        heappush(self._due, (instant, self._planned_count, process))
