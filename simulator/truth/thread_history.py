"""What became of a thread over time: the stretches of its status, the times that they waited for us, its bucket.

A stretch of one status is found by asking :class:`~simulator.truth.thread_status.ThreadMemory` at every instant at
which the status may change: when something happens, when a snooze ends, and a microsecond after something is due.

A *wait* begins with their first message that is not settled, and is settled by our message (a reply), or by a mark as
resolved or waiting; a snooze puts it off. It is overdue from when the thread first is so meanwhile.

The bucket is that of what is known at the instant: white where the contact was promoted, else black where it was
blocked, else that of the highest score so far; black where they wrote nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..world.tenant import Tenant
from ..world.thread import Contact, Mark, Message
from .exact import seconds_between
from .message_score import Bucket, bucket, score
from .thread_status import FOLLOW_UP_SECONDS, NEED_REPLY_SECONDS, UNSEEN_SECONDS, Status, ThreadMemory
from .view import View

_DUE_AFTER = (UNSEEN_SECONDS, NEED_REPLY_SECONDS, FOLLOW_UP_SECONDS)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the status stayed the same; it began with or after an event, and lasts where it has no end."""

    status: Status
    event_id: str
    began_at: float
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class Wait:
    """A time that they waited for us; ``ended_by`` is ``me``, ``waiting`` or ``resolved``."""

    began_at: float
    ended_at: float | None
    ended_by: str | None
    overdue_at: float | None

    @property
    def reply_seconds(self) -> Decimal | None:
        """How long it took us to reply; None where we did not."""
        if self.ended_at is None or self.ended_by != "me":
            return None
        return seconds_between(self.began_at, self.ended_at)


class ThreadHistory:
    """All that is seen of a thread, and of its contact, until the instant of the view."""

    def __init__(self, memory: ThreadMemory, contact: Contact, view: View, tenant: Tenant) -> None:
        self.memory = memory
        self._view = view
        self.promoted_at, self.blocked_at = decided(contact, view)
        self._scores = [
            (view.at(message.trace), score(message, tenant.local_date(view.at(message.trace))))
            for message in memory.messages
            if message.speaker == "them"
        ]
        self.best_score = max((points for _, points in self._scores), default=None)
        self.stretches = list(self._stretches())
        self.waits = list(self._waits())

    def bucket(self, at: float) -> Bucket:
        """The bucket at an instant."""
        if self.promoted_at is not None and self.promoted_at <= at:
            return "WHITE"
        if self.blocked_at is not None and self.blocked_at <= at:
            return "BLACK"
        return bucket(max((points for said_at, points in self._scores if said_at <= at), default=0))

    def counts(self, at: float) -> bool:
        """Whether it is in the statistics at an instant: black threads are in none."""
        return self.bucket(at) != "BLACK"

    def first_score_of(self, *buckets: Bucket) -> float | None:
        """The first message whose score alone leads to one of some buckets."""
        return min((said_at for said_at, points in self._scores if bucket(points) in buckets), default=None)

    def in_pool(self) -> Iterator[tuple[float, float | None]]:
        """From when until when it was in the unknown pool: gray while they waited."""
        decisions = [at for at in (self.promoted_at, self.blocked_at) if at is not None]
        changes = sorted([*decisions, *(said_at for said_at, _ in self._scores)])
        for wait in self.waits:
            instants = [wait.began_at, *(at for at in changes if at > wait.began_at)]
            grays = [at for at in instants if self.bucket(at) == "GRAY"]
            if grays:
                ends = [at for at in instants if at > grays[0] and self.bucket(at) != "GRAY"]
                ends += [] if wait.ended_at is None else [wait.ended_at]
                if not ends or grays[0] < min(ends):
                    yield grays[0], min(ends, default=None)

    def _stretches(self) -> Iterator[Stretch]:
        asked: list[tuple[float, Status]] = []
        for at in self._instants():
            state = self.memory.state(at)
            if state is not None and (not asked or asked[-1][1] != state.status):
                asked.append((at, state.status))
        ends: list[float | None] = [*(at for at, _ in asked), None]
        for number, (at, status) in enumerate(asked):
            yield Stretch(status, self._last(at), at, ends[number + 1])

    def _instants(self) -> list[float]:
        """When the status may change."""
        found = set()
        for item in self.memory.items:
            at = self._view.at(item.trace)
            found.add(at)
            if isinstance(item, Message):
                found |= {round(round((at + seconds) * 1e6 + 1) / 1e6, 6) for seconds in _DUE_AFTER}
            elif item.until is not None:
                found.add(item.until)
        return sorted(at for at in found if at <= self._view.as_of)

    def _last(self, at: float) -> str:
        """The event that came last at an instant."""
        return [item.trace.event_id for item in self.memory.items if self._view.at(item.trace) <= at][-1]

    def _waits(self) -> Iterator[Wait]:
        began_at: float | None = None
        for item in self.memory.items:
            at = self._view.at(item.trace)
            what = item.kind if isinstance(item, Mark) else item.speaker
            if what == "them":
                began_at = at if began_at is None else began_at
            elif what != "snoozed" and began_at is not None:
                yield Wait(began_at, at, what, self._overdue_at(began_at, at))
                began_at = None
        if began_at is not None:
            yield Wait(began_at, None, None, self._overdue_at(began_at, None))

    def _overdue_at(self, began_at: float, ended_at: float | None) -> float | None:
        begins = [stretch.began_at for stretch in self.stretches if stretch.status == "OVERDUE"]
        return min((at for at in begins if began_at <= at and (ended_at is None or at < ended_at)), default=None)


def decided(contact: Contact, view: View) -> tuple[float | None, float | None]:
    """When a contact was promoted and blocked, as far as that is seen."""
    traces = (contact.promoted, contact.blocked)
    promoted_at, blocked_at = (view.at(each) if each is not None and view.sees(each) else None for each in traces)
    return promoted_at, blocked_at
