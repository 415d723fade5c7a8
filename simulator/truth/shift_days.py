"""The days of a shift, split at local midnight: how long in which status, and with how many sessions in hand.

Looked at between each two instants at which anything changes; each time all changes and holds are gone through anew.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from ..world.tenant import Tenant
from .exact import seconds_between
from .handlings import Handling

STATUSES = ("online", "busy", "away", "break", "offline")
_ON_QUEUE = ("online", "busy")


class Change(NamedTuple):
    """A change of status, with its line."""

    at: float
    event_id: str
    before: str
    after: str


class Work(NamedTuple):
    """A shift from login to end, with all changes of status of its agent, in order, and all handlings."""

    started_at: float
    until: float
    statuses: Sequence[Change]
    holds: Sequence[Handling]


@dataclass(slots=True)
class ShiftDay:
    """Seconds by status; held: with a session in hand; occupied: of these, on the queue; sessions: times sessions.

    is_on: whether a shift of the day is on.
    """

    day: date | None = None
    work: Decimal = Decimal(0)
    statuses: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    on_queue: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    occupied: Decimal = Decimal(0)
    sessions: Decimal = Decimal(0)
    most: int = 0
    taken: list[str] = field(default_factory=list)
    is_on: bool = False

    def count(self, seconds: Decimal, status: str, in_hand: int) -> None:
        """Some seconds in a status, with some sessions in hand."""
        self.work += seconds
        self.statuses[status] += seconds
        is_on_queue = status in _ON_QUEUE
        self.on_queue += seconds * is_on_queue
        self.held += seconds * (in_hand > 0)
        self.occupied += seconds * (in_hand > 0 and is_on_queue)
        self.sessions += seconds * in_hand
        self.most = max(self.most, in_hand)

    def add(self, other: "ShiftDay") -> None:
        """Add up the days of a shift, or the shifts of a day."""
        self.work += other.work
        for status, seconds in other.statuses.items():
            self.statuses[status] += seconds
        self.on_queue += other.on_queue
        self.held += other.held
        self.occupied += other.occupied
        self.sessions += other.sessions
        self.most = max(self.most, other.most)
        self.is_on = self.is_on or other.is_on

    def figures(self) -> dict[str, Any]:
        """The columns that shifts and days have in common."""
        return {
            **{f"{status}_seconds": self.statuses[status] for status in STATUSES},
            "unknown_seconds": self.work - sum(self.statuses[status] for status in STATUSES),
            "on_queue_seconds": self.on_queue,
            "held_seconds": self.held,
            "occupied_seconds": self.occupied,
            "session_seconds": self.sessions,
            "peak_concurrency": self.most,
        }


def work_days(tenant: Tenant, work: Work) -> list[ShiftDay]:
    """The local days of a shift, in order."""
    started_at, until = work.started_at, work.until
    changes = [change for change in work.statuses if started_at <= change.at < until]
    holds = [hold for hold in work.holds if started_at <= hold.taken_over_at < until]
    instants = {started_at, *(change.at for change in changes), *_midnights(tenant, started_at, until)}
    for hold in holds:
        instants.add(hold.taken_over_at)
        if hold.ended_at is not None and hold.ended_at < until:
            instants.add(hold.ended_at)
    days: dict[date, ShiftDay] = {}
    ordered = sorted(instants)
    for start, end in zip(ordered, [*ordered[1:], until], strict=True):
        if start < end:
            day = tenant.local_date(start)
            in_hand = sum(hold.taken_over_at <= start and _ended_after(hold, start) for hold in holds)
            days.setdefault(day, ShiftDay(day)).count(seconds_between(start, end), _status_at(changes, start), in_hand)
    for hold in holds:
        days[tenant.local_date(hold.taken_over_at)].taken.append(hold.session_id)
    return list(days.values())


def _midnights(tenant: Tenant, start: float, end: float) -> list[float]:
    days = (tenant.local_date(end) - tenant.local_date(start)).days
    found = [tenant.instant(tenant.local_date(start) + timedelta(days=number)) for number in range(1, days + 1)]
    return [midnight for midnight in found if midnight < end]


def _status_at(changes: Sequence[Change], at: float) -> str:
    if not changes:
        return "unknown"
    so_far = [change.after for change in changes if change.at <= at]
    return so_far[-1] if so_far else changes[0].before


def _ended_after(hold: Handling, at: float) -> bool:
    return hold.ended_at is None or hold.ended_at > at
