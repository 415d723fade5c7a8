"""The book of the tickets: their milestones on the calendar, their state, and the months in which they were closed.

A ticket has a row when anything is seen of it; what only its creation says (type, source, session, customer) is null
where the creation is not seen. Priority and assignee are the latest that are seen, whatever said them.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..world.settings import Settings
from ..world.ticket import Assignment, Closure, Creation, PriorityChange, Reply, StateChange, Step, Ticket
from ..world.world import World
from .applications import clocks
from .backlog import Backlog
from .book import Blank
from .claims import Claims
from .exact import seconds_between
from .table import Row, Table, write_table
from .ticket_history import history_rows, status_seconds
from .ticket_steps import first_response
from .ticket_tally import ResolutionTally
from .view import View

_DONE = ("solved", "closed")
#: A tenant, and a local day or the first day of a local month.
_Key = tuple[str, date]


class _Course:
    """The course of a ticket, as seen: each attribute is what the last step that says something about it left."""

    def __init__(self, ticket: Ticket, view: View) -> None:
        self.steps = view.seen(ticket.history)
        self.creation = next((step for step in self.steps if isinstance(step, Creation)), None)
        self.closure: Closure | None = None
        self.created_at: float | None = None
        self.first_assigned_at: float | None = None
        self.status = "new"
        self.priority: str | None = None
        self.agent_id: str | None = None
        self.solved_at: float | None = None
        self.closed_at: float | None = None
        self.reopenings_count = 0
        for step in self.steps:
            self._follow(step, self._at(step, view))
        response = first_response(self.steps)
        self.first_response_at = None if response is None else self._at(response, view)

    def _at(self, step: Step, view: View) -> float:
        """When it happened; what is dated before the creation follows it at once."""
        at = view.at(step.trace)
        return at if self.creation is None else max(at, view.at(self.creation.trace))

    def _follow(self, step: Step, at: float) -> None:
        match step:
            case Creation():
                self.created_at = at
                self.priority, self.agent_id = step.priority, step.agent_id or self.agent_id
            case Assignment():
                self.agent_id = step.agent_id
                self.first_assigned_at = at if self.first_assigned_at is None else self.first_assigned_at
            case PriorityChange():
                self.priority = step.after
            case StateChange():
                self._move(step.before, step.after, at)
            case Closure():
                self.closure = step
                self._move(None, "closed", at)

    def _move(self, before: str | None, after: str, at: float) -> None:
        if before in _DONE and after not in _DONE:
            self.reopenings_count += 1
            # What was solved before a reopening was not the solution.
            self.solved_at = None
        if after == "solved":
            self.solved_at = at
        if after == "closed":
            self.closed_at = at
        self.status = after

    @property
    def solution_at(self) -> float | None:
        """The last change to solved since the last reopening, else the closing; None while there is work to do."""
        if self.status not in _DONE:
            return None
        return self.solved_at if self.solved_at is not None else self.closed_at


class TicketBook(Blank):
    """Writes ``fct_tickets`` while tickets end, ``ticket_resolution_monthly`` at the end.

    resolution_months: the rows of ``ticket_resolution_monthly`` by tenant and first day of the month, once closed;
    resolution_days: the same figures by day.
    """

    def __init__(self, folder: Path, settings: Settings, view: View, claims: Claims | None = None) -> None:  # noqa: ARG002 - as all books
        self._claims = claims or Claims(folder)
        self.resolution_days: dict[_Key, Row] = {}
        self.resolution_months: dict[_Key, Row] = {}
        self._folder = folder
        self._view = view
        self._tickets = Table(folder / "fct_tickets.csv")
        self._history = Table(folder / "fct_ticket_history.csv")
        self._backlog = Backlog(folder, view)
        self._days: defaultdict[_Key, ResolutionTally] = defaultdict(ResolutionTally)

    def ticket_over(self, world: World, ticket: Ticket) -> None:
        """Write its row, where anything is seen of it."""
        course = _Course(ticket, self._view)
        if not course.steps:
            return
        history = list(history_rows(ticket, world.tenant, self._view))
        for period in history:
            self._history.add(period)
        self._backlog.take(world.tenant, history)
        row = _row(world, ticket, course) | {
            "is_sla_met": _is_sla_met(ticket, world, self._view),
            **_work(course.steps),
            **status_seconds(history),
        }
        self._tickets.add(row)
        if row["closed_date"] is not None:
            self._days[row["tenant_id"], row["closed_date"]].take(
                row["resolution_seconds"], sla_met=row["is_sla_met"], claim=row["is_sla_met_reported"]
            )
            self._claim(row)

    def _claim(self, row: Row) -> None:
        """Compare what the ticket system claims of a closed ticket."""
        tenant_id, day, seconds = row["tenant_id"], row["closed_date"], row["resolution_seconds"]
        hours = None if seconds is None else seconds / 3600
        self._claims.compare(tenant_id, day, "resolution_hours", row["reported_resolution_hours"], hours)
        if row["is_sla_met_reported"] is not None and row["is_sla_met"] is not None:
            differs = row["is_sla_met_reported"] != row["is_sla_met"]
            self._claims.take(tenant_id, day, "sla_met", differs=differs)

    def close(self) -> None:
        """Write the months."""
        self._tickets.close()
        self._history.close()
        self._backlog.close()
        months: defaultdict[_Key, ResolutionTally] = defaultdict(ResolutionTally)
        for (tenant_id, day), resolutions in self._days.items():
            months[tenant_id, day.replace(day=1)].add(resolutions)
        self.resolution_days = {key: resolutions.figures() for key, resolutions in self._days.items()}
        self.resolution_months = {
            (tenant_id, month): {"tenant_id": tenant_id, "month": month, **months[tenant_id, month].figures()}
            for tenant_id, month in sorted(months)
        }
        write_table(self._folder / "ticket_resolution_monthly.csv", self.resolution_months.values())


def _is_sla_met(ticket: Ticket, world: World, view: View) -> bool | None:
    """Whether the resolution was within the promise; None while it goes on, and where nothing was promised."""
    for clock in clocks(ticket, world.tenant, view):
        if clock.metric == "resolution" and clock.promise is not None:
            clock.look(round(view.as_of * 1e6))
            if clock.breached is not None:
                return False
            return None if clock.stopped is None else True
    return None


def _work(steps: Sequence[Step]) -> dict[str, int]:
    """How often agents and the customer did something."""
    replies = [step for step in steps if isinstance(step, Reply)]
    changes = [step for step in steps if isinstance(step, (StateChange, PriorityChange)) and step.agent_id]
    return {
        "touches_count": sum(reply.author == "agent" for reply in replies) + len(changes),
        "agent_replies_count": sum(reply.author == "agent" and reply.is_public for reply in replies),
        "customer_replies_count": sum(reply.author == "customer" for reply in replies),
        "assignments_count": sum(isinstance(step, Assignment) for step in steps),
    }


def _row(world: World, ticket: Ticket, course: _Course) -> dict[str, Any]:
    creation, closure = course.creation, course.closure
    created_at = course.created_at
    closed_at = course.closed_at if course.status == "closed" else None

    def since_creation(at: float | None) -> Decimal | None:
        return None if created_at is None or at is None else seconds_between(created_at, at)

    return {
        "tenant_id": world.tenant.tenant_id,
        "ticket_id": ticket.ticket_id,
        "created_event_id": creation.trace.event_id if creation else None,
        "closed_event_id": closure.trace.event_id if closure else None,
        "session_id": ticket.session_id if creation else None,
        "customer_id": ticket.customer_id if creation else None,
        "agent_id": course.agent_id,
        "created_date": None if created_at is None else world.tenant.local_date(created_at),
        "closed_date": None if closed_at is None else world.tenant.local_date(closed_at),
        "created_at": created_at,
        "first_assigned_at": course.first_assigned_at,
        "first_response_at": course.first_response_at,
        "solved_at": course.solution_at,
        "closed_at": closed_at,
        "ticket_source": ticket.source if creation else None,
        "ticket_type": ticket.kind if creation else None,
        "priority": course.priority,
        "status": course.status,
        "is_sla_met_reported": closure.claimed_sla_met if closure else None,
        "reopenings_count": course.reopenings_count,
        "first_response_seconds": since_creation(course.first_response_at),
        "resolution_seconds": since_creation(course.solution_at),
        "closing_seconds": since_creation(closed_at),
        "reported_resolution_hours": closure.claimed_resolution_hours if closure else None,
    }
