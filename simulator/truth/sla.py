"""The truth of the promises to customers: one clock for each that was applied, and its stretches.

**Whose clocks.** A ticket whose creation is not seen has none: nobody knows its type, nor when it began to wait. What
is dated before the creation counts as at the creation.

**Policy in force.** The tenant's policy for the metric and the ticket's priority of the moment; one that names the
ticket's type goes before one for any type; it must be valid on the tenant's local date at which the clock started. A
clock that never had a policy has no row. Where a later priority has none, the clock stands still (``no_policy``) and
keeps the target that it had.

**first_response** starts at the creation. The first response stops it: the first public reply of an agent, or, if none
came by now, the first change away from ``new`` by an agent. So does the first ``solved`` or ``closed``, after which
nobody waits for a first response.

**next_response** starts at each reply of the customer after the first response, where no such clock runs. The next
public reply of an agent stops it, or the next change to solved or closed. Who writes while the ticket is solved or
closed waits from its reopening on, and for nothing where there is none, or an answer or another closing comes before.
Applications are numbered from 1.

**resolution** starts at the creation, stops at solved or closed, and goes on as the same clock after a reopening; the
time while it was solved is not counted. Each metric pauses in the statuses that the policy in force says.

**Priority changes.** The clock goes on with what has elapsed, against the new target, by the new calendar from then on.
While it is stopped, they count when it goes on.

**Business time** is when the clock on the wall of the calendar's zone shows opening hours: an hour that comes twice
counts twice, one that is skipped not at all. On a holiday nothing opens; what opened the evening before goes on to its
end.

**Breached** is a clock from the first instant on at which more business time has elapsed than the target in force;
exactly the target is met. A lower target can breach at once, also while paused. A breach stays, whatever the target
becomes. ``breached_at`` is later than ``deadline_at`` where the target is used up at the very end of opening hours.

The columns of a clock. ``sla_status``: breached; else met where stopped, else running or paused at the instant of the
truth. ``target_seconds``: the last in force. ``elapsed_business_seconds``, ``elapsed_calendar_seconds``: those of the
running stretches. ``deadline_at``: the first instant at which the elapsed time is the target, told forward as if the
clock ran on from now, also one that pauses, or from where it stopped; null where the calendar does not open again.
``remaining_seconds``: target less elapsed of a clock that is not stopped, negative when beyond.
``is_sla_met_reported``: the ticket system's claim at the last closing, taken as one about the resolution.

A segment is a running or paused stretch; a stopped time is none, and a stretch without length leaves none. ``reason``
says why it began: started, resumed, reopened or priority_changed of a running one; the status, or no_policy, of a
paused one. It ends where the state, the reason to pause or the policy changes, or at the instant of the truth. Its
calendar seconds are its length, its business seconds what it adds to the clock: none where paused.

**Whose.** ``agent_id``: the assignee after the step that stopped the clock, else after the last one; ``team``: that
agent's on the day on which the clock started. ``is_report_right``: whether the claim agrees with a clock that is met or
breached.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..world.settings import Settings
from ..world.tenant import Tenant
from ..world.ticket import Closure, Ticket
from ..world.world import World
from .applications import clocks
from .book import Blank
from .clock import Clock
from .exact import seconds_of
from .sla_tally import SlaTally
from .table import Table, write_table
from .view import View


class SlaBook(Blank):
    """Writes ``fct_ticket_sla`` and ``fct_ticket_sla_segments`` while tickets end, ``ticket_sla_daily`` at the end."""

    def __init__(self, folder: Path, settings: Settings, view: View) -> None:
        self._folder = folder
        self._settings = settings
        self._view = view
        self._tally = SlaTally()
        self._clocks = Table(folder / "fct_ticket_sla.csv")
        self._segments = Table(folder / "fct_ticket_sla_segments.csv")

    def ticket_over(self, world: World, ticket: Ticket) -> None:
        """Write its clocks and their segments."""
        claims = [step.claimed_sla_met for step in self._view.seen(ticket.history) if isinstance(step, Closure)]
        as_of = round(self._view.as_of * 1e6)
        for clock in clocks(ticket, world.tenant, self._view):
            if clock.promise is None:
                continue
            clock.look(as_of)
            key = {
                "tenant_id": world.tenant.tenant_id,
                "ticket_id": ticket.ticket_id,
                "metric": clock.metric,
                "application_number": clock.number,
            }
            claim = claims[-1] if claims and clock.metric == "resolution" else None
            row = {**key, **_whose(clock, ticket, world.tenant), **_clock(clock, as_of), **_claim(clock, claim=claim)}
            self._clocks.add(row)
            self._tally.take(row)
            for segment in _segments(clock):
                self._segments.add({**key, **segment})

    def close(self) -> None:
        """Close both tables."""
        write_table(self._folder / "ticket_sla_daily.csv", self._tally.rows(self._settings, self._view))
        self._clocks.close()
        self._segments.close()


def _whose(clock: Clock, ticket: Ticket, tenant: Tenant) -> dict[str, Any]:
    day = tenant.local_date(clock.started / 1e6)
    return {
        "started_date": day,
        "ticket_type": ticket.kind,
        "priority": clock.promise.policy.priority if clock.promise else None,
        "agent_id": clock.agent_id,
        "team": tenant.team(clock.agent_id, day),
    }


def _claim(clock: Clock, *, claim: bool | None) -> dict[str, Any]:
    """What the ticket system says, and whether it is right about a clock that is decided."""
    is_decided = claim is not None and (clock.breached is not None or clock.stopped is not None)
    return {"is_sla_met_reported": claim, "is_report_right": claim == (clock.breached is None) if is_decided else None}


def _clock(clock: Clock, as_of: int) -> dict[str, Any]:
    target = clock.promise.target if clock.promise else 0
    return {
        "started_at": clock.started / 1e6,
        "stopped_at": _instant(clock.stopped),
        "target_seconds": seconds_of(target),
        "elapsed_business_seconds": seconds_of(clock.elapsed),
        "elapsed_calendar_seconds": seconds_of(sum(s.ended - s.started for s in clock.stretches if s.is_running)),
        "deadline_at": _instant(clock.due(as_of)),
        "sla_status": _status(clock),
        "breached_at": _instant(clock.breached),
        "remaining_seconds": None if clock.stopped is not None else seconds_of(target - clock.elapsed),
    }


def _status(clock: Clock) -> str:
    if clock.breached is not None:
        return "breached"
    if clock.stopped is not None:
        return "met"
    return "paused" if clock.is_paused else "running"


def _segments(clock: Clock) -> Iterator[dict[str, Any]]:
    for number, stretch in enumerate(clock.stretches, start=1):
        policy = stretch.promise.policy if stretch.promise else None
        yield {
            "segment_number": number,
            "started_by_event_id": stretch.event_id,
            "started_at": stretch.started / 1e6,
            "ended_at": stretch.ended / 1e6,
            "is_going_on": clock.is_going and stretch is clock.stretches[-1],
            "segment_type": "running" if stretch.is_running else "paused",
            "reason": stretch.reason,
            "priority": stretch.priority,
            "target_seconds": seconds_of(stretch.promise.target) if stretch.promise else None,
            "calendar_id": policy.calendar_id if policy else None,
            "calendar_seconds": seconds_of(stretch.ended - stretch.started),
            "business_seconds": seconds_of(stretch.business),
        }


def _instant(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1e6
