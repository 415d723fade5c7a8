"""A thread of the customer hub as a small state machine, and random histories of threads."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

MINUTE, MICROSECOND = timedelta(minutes=1), timedelta(microseconds=1)
UNSEEN, NEED_REPLY, FOLLOW_UP = timedelta(0), 30 * MINUTE, timedelta(hours=48)
BEGIN = datetime(2026, 11, 10, tzinfo=UTC)
#: What lies between two steps, what a snooze lasts: around all that is due, and at it to the microsecond.
GAPS = (
    *(timedelta(0), MICROSECOND, MINUTE, 20 * MINUTE, timedelta(hours=5), timedelta(hours=30)),
    *(due + near for due in (NEED_REPLY, FOLLOW_UP) for near in (-MICROSECOND, timedelta(0), MICROSECOND)),
)
STEPS = ("them", "them", "them", "me", "me", "resolved", "waiting", "snoozed")
EVENTS = {"resolved": "hub.thread_resolved", "waiting": "hub.thread_waiting", "snoozed": "hub.thread_snoozed"}


@dataclass(frozen=True)
class Step:
    """A message of one side, or a mark; until: the end of a snooze."""

    at: datetime
    what: str
    until: datetime | None = None


class Machine:
    """Takes the steps of a thread one after the other, and says at any instant before the next what its status is."""

    def __init__(self) -> None:
        self.speaker: str | None = None
        self.spoke_at = BEGIN
        self.has_answered = False
        self.mark: Step | None = None

    def take(self, step: Step) -> None:
        if step.what in ("me", "them"):
            self.speaker, self.spoke_at, self.mark = step.what, step.at, None
            self.has_answered |= step.what == "me"
        else:
            self.mark = step

    def status(self, at: datetime) -> str | None:
        """None before the first message."""
        silence = at - self.spoke_at
        if self.speaker is None:
            return None
        if self.mark and self.mark.what != "snoozed":
            return "RESOLVED" if self.mark.what == "resolved" else "WAITING_THEM"
        if self.mark and self.mark.until and at < self.mark.until:
            return "SNOOZED"
        if self.speaker == "me":
            return "NEED_REPLY" if silence > FOLLOW_UP else "WAITING_THEM"
        if silence <= UNSEEN and not self.has_answered:
            return "UNSEEN"
        return "OVERDUE" if silence > NEED_REPLY else "NEED_REPLY"


def status_at(history: list[Step], at: datetime) -> str | None:
    """The status at an instant by what had happened then."""
    machine = Machine()
    for step in history:
        if step.at <= at:
            machine.take(step)
    return machine.status(at)


def random_history(chance: Random) -> list[Step]:
    at = BEGIN + chance.randrange(5 * 24 * 60) * MINUTE
    steps = []
    for _ in range(chance.randint(1, 9)):
        what = chance.choice(STEPS)
        # Some snoozes end before they begin.
        until = at + chance.choice((*GAPS, -MINUTE)) if what == "snoozed" else None
        steps.append(Step(at, what, until))
        at += chance.choice(GAPS)
    return steps


def instants(history: list[Step], chance: Random, count: int) -> list[datetime]:
    """Some instants around which something happens or is due, and one drawn blindly."""
    origins = [instant for step in history for instant in (step.at, step.until) if instant is not None]
    drawn = [chance.choice(origins) + chance.choice(GAPS) for _ in range(count - 1)]
    return [*drawn, BEGIN + chance.random() * timedelta(days=20)]


def lines(histories: list[list[Step]], chance: Random) -> list[bytes]:
    """The histories as log lines of one product, in any order; what happens at one instant is ordered by seq."""
    numbered = [
        (f"thread-{number}", position, step)
        for number, history in enumerate(histories)
        for position, step in enumerate(history)
    ]
    chance.shuffle(numbered)
    return [_line(thread_id, position, step) for thread_id, position, step in numbered]


def _line(thread_id: str, position: int, step: Step) -> bytes:
    fields: dict[str, Any] = {"thread_id": thread_id}
    if step.what in ("me", "them"):
        fields |= {"contact_id": f"contact-of-{thread_id}", "speaker": step.what}
    if step.until is not None:
        fields["until"] = step.until.isoformat()
    envelope = {
        "event": EVENTS.get(step.what, "hub.message"),
        "event_id": f"{thread_id}-{position}",
        "timestamp": step.at.isoformat(timespec="microseconds"),
        "product": "customer_hub",
        "emitter_id": f"emitter-of-{thread_id}",
        "seq": position,
    }
    return json.dumps(envelope | fields).encode()
