"""Shifts: one row for each login that is seen.

A shift is ended by a logout alone, and only by one that comes next: where another login comes first, the end is not
known. The columns from ``worked_until_at`` on are for people, and for marts that repair what is missing:

- worked_until_at: when the work was over in the world, logout or not; last_sign_at: the agent's last recorded sign of
  life.
- counted_until_at: until when the seconds are counted. As recorded: the logout, else the last sign of life, but not
  beyond the next login. As happened: the end of the work. At the latest the instant of the truth.
- online, busy, away, break seconds: from each seen change of the status to the next; nothing before the first.
- held seconds, peak concurrency, handled sessions: of the handlings taken over in the shift, test sessions included.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from ..world.agent import Shift
from ..world.tenant import Tenant
from ..world.trace import Trace
from .exact import seconds_between
from .view import View

_STATUSES = ("online", "busy", "away", "break")


class Held(NamedTuple):
    """A session in an agent's hands; ``ended_at`` is None while it is there."""

    session_id: str
    taken_at: float
    ended_at: float | None


@dataclass(slots=True)
class PastShift:
    """What is kept of a shift that is over; ``statuses`` are the seen changes, in order."""

    login: Trace
    logout: Trace | None
    work_minutes: float | None
    handled_count: int | None
    worked_until_at: float | None
    last_sign_at: float | None
    statuses: tuple[tuple[float, str], ...]


def past_shift(shift: Shift, view: View) -> PastShift:
    """A shift, reduced to what its row needs."""
    seen = sorted((view.order(trace), status) for trace, status in shift.statuses if view.sees(trace))
    ended_at = shift.ended_at if shift.ended_at is not None and shift.ended_at <= view.as_of else None
    return PastShift(
        shift.login,
        shift.logout,
        shift.claimed_work_minutes,
        shift.claimed_handled_count,
        ended_at,
        shift.last_sign_at,
        tuple((order[0], status) for order, status in seen),
    )


def shift_rows(
    tenant: Tenant, agent_id: str, shifts: Sequence[PastShift], holds: Sequence[Held], view: View
) -> Iterable[dict[str, Any]]:
    """The rows of ``fct_agent_shifts`` of one agent, in the order of the logins."""
    steps = [(view.order(shift.login), "login", shift) for shift in shifts if view.sees(shift.login)]
    steps += [
        (view.order(shift.logout), "logout", shift)
        for shift in shifts
        if shift.logout is not None and view.sees(shift.logout)
    ]
    steps.sort(key=lambda step: step[0])
    for number, (_, kind, shift) in enumerate(steps):
        if kind == "logout":
            continue
        _, next_kind, next_shift = steps[number + 1] if number + 1 < len(steps) else (None, None, None)
        # The logout may be that of another shift, whose login was lost.
        ending = next_shift if next_kind == "logout" else None
        logins = [other.login for _, other_kind, other in steps[number + 1 :] if other_kind == "login"]
        until = _counted_until(shift, ending, view.at(logins[0]) if logins else None, view)
        yield {**_row(tenant, agent_id, shift, ending, view), **_work(shift, holds, view.at(shift.login), until)}


def _row(tenant: Tenant, agent_id: str, shift: PastShift, ending: PastShift | None, view: View) -> dict[str, Any]:
    """The columns of the mart; ``ending``: the shift whose logout comes next."""
    started_at = view.at(shift.login)
    logout = ending.logout if ending is not None else None
    ended_at = view.at(logout) if logout is not None else None
    return {
        "login_event_id": shift.login.event_id,
        "logout_event_id": logout.event_id if logout is not None else None,
        "tenant_id": tenant.tenant_id,
        "agent_id": agent_id,
        "shift_date": tenant.local_date(started_at),
        "started_at": started_at,
        "ended_at": ended_at,
        "end_source": "logout" if logout is not None else None,
        "duration_seconds": None if ended_at is None else seconds_between(started_at, ended_at),
        "reported_work_minutes": ending.work_minutes if ending is not None else None,
        "reported_sessions_handled_count": ending.handled_count if ending is not None else None,
    }


def _work(shift: PastShift, holds: Sequence[Held], started_at: float, until: float) -> dict[str, Any]:
    """The columns beyond those of the mart."""
    mine = [held for held in holds if started_at <= held.taken_at <= until]
    return {
        "worked_until_at": shift.worked_until_at,
        "last_sign_at": shift.last_sign_at,
        "counted_until_at": until,
        **_status_seconds(shift, started_at, until),
        **_held(mine, until),
        "handled_sessions_count": len({held.session_id for held in mine}),
    }


def _counted_until(shift: PastShift, ending: PastShift | None, next_login_at: float | None, view: View) -> float:
    if not view.is_recorded:
        return view.as_of if shift.worked_until_at is None else shift.worked_until_at
    if ending is not None and ending.logout is not None:
        return view.at(ending.logout)
    started_at = view.at(shift.login)
    last_sign_at = max(started_at, shift.last_sign_at or started_at)
    return last_sign_at if next_login_at is None else min(last_sign_at, next_login_at)


def _status_seconds(shift: PastShift, started_at: float, until: float) -> dict[str, Decimal]:
    seconds = dict.fromkeys(_STATUSES, Decimal(0))
    for number, (at, status) in enumerate(shift.statuses):
        next_at = shift.statuses[number + 1][0] if number + 1 < len(shift.statuses) else until
        start, end = max(at, started_at), min(next_at, until)
        if status in seconds and start < end:
            seconds[status] += seconds_between(start, end)
    return {f"{status}_seconds": total for status, total in seconds.items()}


def _held(holds: Sequence[Held], until: float) -> dict[str, Any]:
    """Seconds with at least one session in hand, and the most at a time."""
    changes = []
    for held in holds:
        changes += [(held.taken_at, 1), (until if held.ended_at is None else min(held.ended_at, until), -1)]
    seconds, in_hand, most, before = Decimal(0), 0, 0, 0.0
    # At one instant what is let go is let go first.
    for at, change in sorted(changes):
        if in_hand:
            seconds += seconds_between(before, at)
        in_hand += change
        most = max(most, in_hand)
        before = at
    return {"held_seconds": seconds, "peak_concurrency": most}
