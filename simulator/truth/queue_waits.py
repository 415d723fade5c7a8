"""The queue: sessions that waited for a human, and the hours in which they came and went.

A wait begins with the first escalation since the takeover before, and ends with the next takeover. Where none comes it
was rejected if no escalation was accepted; else it is given up when the session ends, or, where it ends by silence,
with the last that is seen of it; else the session waits.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..world.happenings import Ending, Escalation, Takeover
from ..world.session import Session
from ..world.tenant import HOUR, Tenant
from .exact import percentile, ratio, seconds_between
from .session_memory import SessionMemory
from .table import Row, Table, write_table
from .view import View

#: A tenant, a local day, and the begin of an hour by UTC.
_Hour = tuple[str, date, float]


@dataclass(slots=True)
class _Wait:
    number: int
    escalated_at: float
    is_accepted: bool = False
    left_at: float | None = None
    end: str | None = None


@dataclass(slots=True)
class _Came:
    """Who began to wait in an hour, by how it ended, with the seconds waited; left: how many ceased to in it."""

    seconds: defaultdict[str | None, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    left: int = 0


class Queue:
    """Writes ``fct_queue_waits`` while sessions end, and ``queue_hourly`` when the world has ended."""

    def __init__(self, folder: Path, view: View) -> None:
        self._folder = folder
        self._view = view
        self._waits = Table(folder / "fct_queue_waits.csv")
        self._hours: defaultdict[_Hour, _Came] = defaultdict(_Came)

    def session_over(self, tenant: Tenant, session: Session, *, is_test: bool) -> None:
        """Write its waits; those of a test session count in no hour."""
        for wait in _waits(session, self._view):
            seconds = None if wait.left_at is None else seconds_between(wait.escalated_at, wait.left_at)
            self._waits.add(_row(tenant, session, wait, seconds, is_test=is_test))
            if is_test:
                continue
            self._hours[_hour(tenant, wait.escalated_at)].seconds[wait.end].append(seconds or Decimal(0))
            if wait.left_at is not None:
                self._hours[_hour(tenant, wait.left_at)].left += wait.end != "rejected"

    def close(self) -> None:
        """Write the hours."""
        self._waits.close()
        write_table(self._folder / "queue_hourly.csv", self._rows())

    def _rows(self) -> Iterator[Row]:
        waiting: defaultdict[str, int] = defaultdict(int)
        for key in sorted(self._hours, key=lambda key: (key[0], key[2], key[1])):
            tenant_id, day, hour = key
            came = self._hours[key]
            taken, given_up = came.seconds["taken_over"], came.seconds["abandoned"]
            entered = len(taken) + len(given_up) + len(came.seconds[None])
            waiting[tenant_id] += entered - came.left
            yield {
                "tenant_id": tenant_id,
                "queue_date": day,
                "hour_started_at": hour,
                "entered_count": entered,
                "turned_down_count": len(came.seconds["rejected"]),
                "taken_over_count": len(taken),
                "given_up_count": len(given_up),
                "still_waiting_count": len(came.seconds[None]),
                "left_count": came.left,
                "waiting_at_end_count": waiting[tenant_id],
                "wait_seconds_total": sum(taken) if taken else None,
                "avg_wait_seconds": ratio(sum(taken), len(taken)),
                "p90_wait_seconds": percentile([float(wait) for wait in taken], 0.9) if taken else None,
                "longest_wait_seconds": max(taken, default=None),
                "avg_abandoned_wait_seconds": ratio(sum(given_up), len(given_up)),
                "queue_abandonment_rate": ratio(len(given_up), len(taken) + len(given_up)),
            }


def _waits(session: Session, view: View) -> Iterator[_Wait]:
    wait: _Wait | None = None
    session_ended_at: float | None = None
    takeovers = 0
    for happening in view.seen(session.history):
        at = view.at(happening.trace)
        match happening:
            case Escalation():
                if wait is None:
                    wait, session_ended_at = _Wait(takeovers + 1, at), None
                wait.is_accepted = wait.is_accepted or happening.is_accepted
            case Ending() if wait is not None and session_ended_at is None:
                session_ended_at = at
            case Takeover():
                takeovers += 1
                if wait is not None:
                    wait.left_at, wait.end = at, "taken_over"
                    yield wait
                wait = None
    if wait is None:
        return
    memory = SessionMemory(session, view)
    if not wait.is_accepted:
        wait.left_at, wait.end = wait.escalated_at, "rejected"
    elif session_ended_at is not None:
        wait.left_at, wait.end = session_ended_at, "abandoned"
    elif not memory.is_open:
        wait.left_at, wait.end = memory.last_event_at, "abandoned"
    yield wait


def _hour(tenant: Tenant, at: float) -> _Hour:
    return tenant.tenant_id, tenant.local_date(at), at // HOUR * HOUR


def _row(tenant: Tenant, session: Session, wait: _Wait, seconds: Decimal | None, *, is_test: bool) -> dict[str, Any]:
    return {
        "tenant_id": tenant.tenant_id,
        "session_id": session.session_id,
        "wait_number": wait.number,
        "wait_date": tenant.local_date(wait.escalated_at),
        "left_date": None if wait.left_at is None else tenant.local_date(wait.left_at),
        "escalated_at": wait.escalated_at,
        "left_at": wait.left_at,
        "wait_end": wait.end,
        "is_test": is_test,
        "wait_seconds": seconds,
    }
