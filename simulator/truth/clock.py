"""A clock of a promise to a customer: it runs, pauses, is stopped and goes on, and may run out.

Instants and lengths are whole microseconds.
"""

from dataclasses import dataclass

from ..world.calendar import Policy
from .business_time import MINUTE, BusinessTime


@dataclass(frozen=True)
class Promise:
    """A policy that is in force, and the business time that it is measured in."""

    policy: Policy
    time: BusinessTime

    @property
    def target(self) -> int:
        """How much business time is promised."""
        return self.policy.target_minutes * MINUTE


@dataclass
class Stretch:
    """A time in which a clock ran or paused under one promise, and why it began."""

    started: int
    is_running: bool
    reason: str
    priority: str
    promise: Promise | None
    ended: int = 0
    business: int = 0
    event_id: str = ""


class Clock:
    """One clock; the rules are those of :mod:`~simulator.truth.sla`.

    elapsed: business time of the running stretches. breached: the first instant at which that is beyond the target in
    force. promise: the last one in force; None while there was none yet. agent_id: whose ticket it was when the clock
    stopped, else is.
    """

    def __init__(self, metric: str, number: int, started: int) -> None:
        self.metric = metric
        self.number = number
        self.started = started
        self.stopped: int | None = None
        self.breached: int | None = None
        self.promise: Promise | None = None
        self.agent_id: str | None = None
        self.elapsed = 0
        self.stretches: list[Stretch] = []
        self._current: Stretch | None = None

    @property
    def is_going(self) -> bool:
        """Whether it is not stopped: it runs or pauses."""
        return self._current is not None

    @property
    def is_paused(self) -> bool:
        """Whether it goes on, but stands still."""
        return self._current is not None and not self._current.is_running

    def go(self, at: int, promise: Promise | None, priority: str, status: str, event_id: str = "") -> None:
        """Go on in a status of the ticket, under a promise or none; a stopped clock goes on as well."""
        is_running = promise is not None and status not in promise.policy.pausing
        reason = "" if is_running else status if promise else "no_policy"
        now = self._current
        if now and (now.is_running, now.promise) == (is_running, promise) and (is_running or now.reason == reason):
            return
        if is_running:
            reason = self._reason_to_run(at)
        self._end(at)
        self.stopped = None
        self._current = Stretch(at, is_running, reason, priority, promise, event_id=event_id)
        self.promise = promise or self.promise
        if promise is not None and self.elapsed > promise.target:
            self._breach(at)

    def stop(self, at: int) -> None:
        """Stop, unless it is stopped already."""
        if self._current is not None:
            self._end(at)
            self.stopped = at

    def look(self, at: int) -> None:
        """Bring the stretch that goes on up to an instant."""
        going = self._current
        self._end(at)
        self._current = going

    def due(self, as_of: int) -> int | None:
        """When the target is, was or would have been used up, if the clock ran on; None where nothing is promised."""
        if self.promise is None:
            return None
        target, elapsed = self.promise.target, 0
        for stretch in self.stretches:
            if stretch.promise is not None and elapsed + stretch.business >= target:
                return stretch.promise.time.after(stretch.started, target - elapsed)
            elapsed += stretch.business
        return self.promise.time.after(as_of if self.stopped is None else self.stopped, target - elapsed)

    def _reason_to_run(self, at: int) -> str:
        if self._current is None:
            return "started" if self.stopped is None else "reopened"
        if not self._current.is_running:
            return "resumed"
        # A stretch without length hands down its reason.
        return self._current.reason if self._current.started == at else "priority_changed"

    def _end(self, at: int) -> None:
        """The current stretch ends; one without length leaves no trace."""
        stretch, self._current = self._current, None
        if stretch is None or at <= stretch.started:
            return
        stretch.ended = at
        self.stretches.append(stretch)
        if stretch.is_running and stretch.promise is not None:
            time, target = stretch.promise.time, stretch.promise.target
            stretch.business = time.between(stretch.started, at)
            # A target below what had elapsed already was broken when it came into force.
            if self.elapsed <= target < self.elapsed + stretch.business:
                used_up = time.after(stretch.started, target - self.elapsed)
                self._breach(time.next_open(at if used_up is None else used_up))
            self.elapsed += stretch.business

    def _breach(self, at: int) -> None:
        self.breached = at if self.breached is None else self.breached
