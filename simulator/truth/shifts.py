"""Shifts: one row for each login that is seen, and the statuses in it.

A shift ends with the logout that comes next. Where another login comes first, or nothing, the agent has left ten
minutes after the last sign of life, but not after the next login; until then the shift is on. Signs of life are logins,
changes of status, heartbeats, and what the agent did with a session in hand; and the logout.

Statuses hold from one seen change to the next; before the first one the shift has the status that it changed. Sessions
are those that were taken over in the shift, test sessions included, each until it was let go or the shift ended.

worked_until_at is for people: when the work was over in the world, logout or not.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..world.agent import Shift
from ..world.tenant import MINUTE, Tenant
from ..world.trace import Trace
from .exact import ratio, seconds_between
from .handlings import Handling
from .shift_days import Change, ShiftDay, Work, work_days
from .view import View

#: An agent who has not logged out has left when there was no sign of life for so long, in seconds.
GRACE = 10 * MINUTE


class Span(NamedTuple):
    """A shift as it is seen; ended_at and end_source are None while it is on. ending: that whose logout comes next."""

    started_at: float
    last_sign_at: float
    ended_at: float | None
    end_source: str | None
    ending: "PastShift | None"


@dataclass(slots=True)
class PastShift:
    """What is kept of a shift that is over: changes of status and the instants of heartbeats that are seen."""

    login: Trace
    logout: Trace | None
    work_minutes: float | None
    handled_count: int | None
    worked_until_at: float | None
    statuses: tuple[Change, ...]
    beats: tuple[float, ...]


def past_shift(shift: Shift, view: View) -> PastShift:
    """A shift, reduced to what its rows need."""
    changes = [change for change in shift.statuses if view.sees(change[0])]
    changes.sort(key=lambda change: view.order(change[0]))
    return PastShift(
        shift.login,
        shift.logout,
        shift.claimed_work_minutes,
        shift.claimed_handled_count,
        shift.ended_at if shift.ended_at is not None and shift.ended_at <= view.as_of else None,
        tuple(Change(view.at(trace), trace.event_id, before, after) for trace, before, after in changes),
        tuple(view.at(trace) for trace in shift.beats if view.sees(trace)),
    )


def shift_spans(shifts: Sequence[PastShift], holds: Sequence[Handling], view: View) -> Iterator[tuple[PastShift, Span]]:
    """The shifts of one agent that are seen, in the order of the logins."""
    steps = [(view.order(shift.login), shift, True) for shift in shifts if view.sees(shift.login)]
    steps += [
        (view.order(shift.logout), shift, False)
        for shift in shifts
        if shift.logout is not None and view.sees(shift.logout)
    ]
    steps.sort(key=lambda step: step[0])
    signs = sorted(_signs(shifts, holds, view))
    for number, (order, shift, is_login) in enumerate(steps):
        if not is_login:
            continue
        started_at = order[0]
        if number + 1 == len(steps):
            yield shift, _unended(started_at, signs[-1], None, view)
            continue
        next_order, next_shift, is_next_login = steps[number + 1]
        next_at = next_order[0]
        if is_next_login:
            yield shift, _unended(started_at, signs[bisect_left(signs, next_at) - 1], next_at, view)
        else:
            # The logout may be that of another shift, whose login was lost.
            yield shift, Span(started_at, next_at, next_at, "logout", next_shift)


def shift_row(tenant: Tenant, agent_id: str, shift: PastShift, span: Span, work: Work) -> dict[str, Any]:
    """The row of ``fct_agent_shifts``."""
    ending = span.ending
    days = work_days(tenant, work)
    total = ShiftDay()
    for day in days:
        total.add(day)
    return {
        "login_event_id": shift.login.event_id,
        "logout_event_id": None if ending is None or ending.logout is None else ending.logout.event_id,
        "tenant_id": tenant.tenant_id,
        "agent_id": agent_id,
        "shift_date": tenant.local_date(span.started_at),
        "started_at": span.started_at,
        "ended_at": span.ended_at,
        "last_sign_at": span.last_sign_at,
        "end_source": span.end_source,
        "duration_seconds": seconds_between(span.started_at, work.until),
        **total.figures(),
        "occupancy_rate": ratio(total.occupied, total.on_queue),
        "mean_concurrency": ratio(total.sessions, total.held),
        "handled_sessions_count": len({session_id for day in days for session_id in day.taken}),
        "reported_work_minutes": None if ending is None else ending.work_minutes,
        "reported_sessions_handled_count": None if ending is None else ending.handled_count,
        "worked_until_at": shift.worked_until_at,
    }


def status_rows(tenant: Tenant, agent_id: str, shift: PastShift, span: Span, work: Work) -> Iterator[dict[str, Any]]:
    """The rows of ``fct_agent_status_intervals`` of a shift."""
    changes = [change for change in work.statuses if work.started_at <= change.at < work.until]
    first = Change(span.started_at, shift.login.event_id, "", changes[0].before if changes else "unknown")
    ends = [change.at for change in changes]
    for change, end in zip([first, *changes], [*ends, None], strict=True):
        yield {
            "event_id": change.event_id,
            "login_event_id": shift.login.event_id,
            "tenant_id": tenant.tenant_id,
            "agent_id": agent_id,
            "status": change.after,
            "valid_from": change.at,
            "valid_to": span.ended_at if end is None else end,
            "duration_seconds": seconds_between(change.at, work.until if end is None else end),
        }


def _signs(shifts: Iterable[PastShift], holds: Iterable[Handling], view: View) -> Iterator[float]:
    for shift in shifts:
        if view.sees(shift.login):
            yield view.at(shift.login)
        yield from shift.beats
        yield from (change.at for change in shift.statuses)
    for hold in holds:
        yield hold.taken_over_at
        yield hold.last_sign_at


def _unended(started_at: float, last_sign_at: float, next_login_at: float | None, view: View) -> Span:
    gone_at = last_sign_at + GRACE
    if next_login_at is not None and next_login_at <= gone_at:
        return Span(started_at, last_sign_at, next_login_at, "next_login", None)
    if gone_at <= view.as_of:
        return Span(started_at, last_sign_at, gone_at, "inferred", None)
    return Span(started_at, last_sign_at, None, None, None)
