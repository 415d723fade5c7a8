"""The queue: sessions that waited for a human, and the hours in which they came and went.

A wait begins with the first escalation that is not turned down while no agent has the session, and ends with the next
takeover, or with the next message of an agent. Where none comes it is given up when the session ends for the first time
since, or, where it ends by silence, with the last that is seen before it; else the session waits. Where all escalations
between two answers were turned down nobody waited: rejected.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..world.happenings import AgentTurn, Ending, Escalation, Takeover
from ..world.session import Session
from ..world.tenant import HOUR, Tenant
from .exact import percentile, ratio, seconds_between
from .hands import moments
from .table import Row, Table, write_table
from .view import View

#: A tenant, a local day, and the begin of an hour by UTC.
_Hour = tuple[str, date, float]


@dataclass(slots=True)
class _Wait:
    escalated_at: float
    is_accepted: bool
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
        self._tenants: dict[str, Tenant] = {}

    def session_over(self, tenant: Tenant, session: Session, *, is_test: bool) -> None:
        """Write its waits; those of a test session count in no hour."""
        self._tenants[tenant.tenant_id] = tenant
        for number, wait in enumerate(_waits(session, self._view), 1):
            seconds = None if wait.left_at is None else seconds_between(wait.escalated_at, wait.left_at)
            self._waits.add(_row(tenant, session, number, wait, seconds, is_test=is_test))
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
            taken, answered, given_up = (came.seconds[end] for end in ("taken_over", "answered", "abandoned"))
            waits = taken + answered
            entered = len(waits) + len(given_up) + len(came.seconds[None])
            waiting[tenant_id] += entered - came.left
            yield {
                "tenant_id": tenant_id,
                "queue_date": day,
                "hour_started_at": hour,
                "entered_count": entered,
                "turned_down_count": len(came.seconds["rejected"]),
                "taken_over_count": len(taken),
                "answered_count": len(answered),
                "given_up_count": len(given_up),
                "still_waiting_count": len(came.seconds[None]),
                "left_count": came.left,
                "waiting_at_end_count": waiting[tenant_id],
                "wait_seconds_total": sum(waits) if waits else None,
                "avg_wait_seconds": ratio(sum(waits), len(waits)),
                "p90_wait_seconds": percentile([float(wait) for wait in waits], 0.9) if waits else None,
                "longest_wait_seconds": max(waits, default=None),
                "avg_abandoned_wait_seconds": ratio(sum(given_up), len(given_up)),
                "queue_abandonment_rate": ratio(len(given_up), len(waits) + len(given_up)),
                "is_final": self._view.is_past(self._tenants[tenant_id], day) and not came.seconds[None],
            }


def _waits(session: Session, view: View) -> Iterator[_Wait]:
    """What was called for between two answers, one after the other."""
    wait: _Wait | None = None
    for moment in moments(session, view):
        match moment.happening:
            case Escalation(is_accepted=is_accepted) if moment.holder is None:
                if wait is None or (is_accepted and not wait.is_accepted):
                    wait = _Wait(moment.at, is_accepted)
            case Takeover() if wait is not None:
                yield _over(wait, moment.at, "taken_over")
                wait = None
            case AgentTurn() if wait is not None and moment.holder is None:
                yield _over(wait, moment.at, "answered")
                wait = None
            case Ending() | None if wait is not None and wait.left_at is None:
                # A takeover may come all the same.
                wait.left_at, wait.end = moment.at, "abandoned"
    if wait is not None:
        yield wait if wait.is_accepted else _over(wait, wait.escalated_at, "rejected")


def _over(wait: _Wait, at: float, end: str) -> _Wait:
    wait.left_at, wait.end = (at, end) if wait.is_accepted else (wait.escalated_at, "rejected")
    return wait


def _hour(tenant: Tenant, at: float) -> _Hour:
    return tenant.tenant_id, tenant.local_date(at), at // HOUR * HOUR


def _row(
    tenant: Tenant, session: Session, number: int, wait: _Wait, seconds: Decimal | None, *, is_test: bool
) -> dict[str, Any]:
    return {
        "tenant_id": tenant.tenant_id,
        "session_id": session.session_id,
        "wait_number": number,
        "wait_date": tenant.local_date(wait.escalated_at),
        "left_date": None if wait.left_at is None else tenant.local_date(wait.left_at),
        "escalated_at": wait.escalated_at,
        "left_at": wait.left_at,
        "wait_end": wait.end,
        "is_test": is_test,
        "wait_seconds": seconds,
    }
