"""Live: an agenda that lets things happen as time passes."""

import time
from collections.abc import Callable
from threading import Event as Flag

from .world.agenda import Agenda
from .world.tenant import HOUR

#: Real seconds after which the clock is looked at again, at most.
_LONGEST_SLEEP = 0.5


class LiveAgenda(Agenda):
    """Plays what is due by a clock that begins in the past, runs faster than the real one and, once there, with it.

    start: seconds since the epoch, in the past; what lies between it and ``begin``, which the clock shows first, is
    played at once. speed: simulated seconds in a real one until the clock has caught up.
    stop: ends the play when it is set. until_caught_up: so does the present. on_look: called now and then.
    """

    def __init__(
        self,
        start: float,
        begin: float,
        speed: float,
        stop: Flag,
        *,
        until_caught_up: bool,
        on_look: Callable[[], None],
    ) -> None:
        super().__init__(start)
        self._begin = begin
        self._speed = speed
        self._stop = stop
        self._until_caught_up = until_caught_up
        self._on_look = on_look
        self._began = time.time()

    def run(self, until: float) -> None:
        """Play what is due up to an instant, each when the clock shows it and never before."""
        while self.next_at is not None and self.next_at <= until and not self._stop.is_set():
            clock, is_present = self._clock()
            # In parts, to be stopped soon.
            part = min(until, clock, max(self.now, self.next_at) + HOUR)
            super().run(part)
            self._on_look()
            if self._until_caught_up and is_present and part == clock:
                return
            missing = (self.next_at or clock) - clock
            if missing > 0:
                self._stop.wait(min(_LONGEST_SLEEP, missing if is_present else missing / self._speed))

    def _clock(self) -> tuple[float, bool]:
        """The instant that the clock shows, and whether that is the present."""
        present = time.time()
        simulated = self._begin + (present - self._began) * self._speed
        return min(present, simulated), simulated >= present
