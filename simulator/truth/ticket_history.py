"""What a ticket's status, priority and assignee were, from when to when, and how long.

A value begins where a step says another one than before, and ends where the next one begins; what did not last is left
out. What is open follows the instant of the truth; what a solved or closed ticket is has no length while it stays so.
Business time is that of statuses, by the calendar of the resolution policy in force at the creation.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..world.tenant import Tenant
from ..world.ticket import Assignment, Closure, PriorityChange, StateChange, Step, Ticket
from .applications import calendar_at_creation
from .business_time import business_time
from .exact import seconds_of
from .table import Row
from .ticket_steps import DONE, moments
from .view import View

ATTRIBUTES = ("status", "priority", "agent")
STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")


class _State(NamedTuple):
    """What a step left, at an instant in microseconds."""

    at: int
    event_id: str
    values: dict[str, str | None]


class _Period(NamedTuple):
    """A value and its time, in microseconds; ``ended`` is None while it holds."""

    value: str
    event_id: str
    started: int
    ended: int | None


def history_rows(ticket: Ticket, tenant: Tenant, view: View) -> Iterator[Row]:
    """The rows of ``fct_ticket_history`` of a ticket of which anything is seen."""
    steps = view.seen(ticket.history)
    states = _states(steps, view)
    course = moments(steps, view)
    created_date = tenant.local_date(course[0].at / 1e6) if course else None
    calendar = calendar_at_creation(course, tenant, ticket.kind)
    is_open = states[-1].values["status"] not in DONE
    now = round(view.as_of * 1e6) if is_open else None
    for attribute in ATTRIBUTES:
        for number, period in enumerate(_periods(states, attribute), start=1):
            until = now if period.ended is None else period.ended
            is_measured = attribute == "status" and calendar is not None and until is not None
            yield {
                "tenant_id": tenant.tenant_id,
                "ticket_id": ticket.ticket_id,
                "attribute": attribute,
                "period_number": number,
                "attribute_value": period.value,
                "started_by_event_id": period.event_id,
                "started_at": period.started / 1e6,
                "ended_at": None if period.ended is None else period.ended / 1e6,
                "created_date": created_date,
                "started_date": tenant.local_date(period.started / 1e6),
                "ended_date": None if period.ended is None else tenant.local_date(period.ended / 1e6),
                "calendar_seconds": None if until is None else seconds_of(until - period.started),
                "calendar_id": calendar.calendar_id if calendar and attribute == "status" else None,
                "business_seconds": seconds_of(business_time(calendar).between(period.started, until))
                if is_measured and calendar and until is not None
                else None,
            }


def status_seconds(rows: list[Row]) -> dict[str, Any]:
    """The columns of ``fct_tickets`` that say how long it was in each status, from its rows of the history."""
    statuses = [row for row in rows if row["attribute"] == "status"]
    calendar_id = next((row["calendar_id"] for row in statuses), None)
    found: dict[str, Any] = {"calendar_id": calendar_id}
    for status in STATUSES:
        mine = [row for row in statuses if row["attribute_value"] == status]
        found[f"{status}_seconds"] = sum((row["calendar_seconds"] or 0 for row in mine), seconds_of(0))
        business = sum((row["business_seconds"] or 0 for row in mine), seconds_of(0))
        found[f"{status}_business_seconds"] = None if calendar_id is None else business
    return found


def _states(steps: list[Step], view: View) -> list[_State]:
    course = moments(steps, view)
    if course:
        return [
            _State(
                moment.at,
                moment.step.trace.event_id,
                {"status": moment.status, "priority": moment.priority, "agent": moment.agent_id},
            )
            for moment in course
        ]
    # Where the creation is not seen, nothing is known before the first step that tells it.
    values: dict[str, str | None] = dict.fromkeys(ATTRIBUTES)
    states = []
    for step in steps:
        match step:
            case Assignment():
                values["agent"] = step.agent_id
            case PriorityChange():
                values["priority"] = step.after
            case StateChange():
                values["status"] = step.after
            case Closure():
                values["status"] = "closed"
        states.append(_State(round(view.at(step.trace) * 1e6), step.trace.event_id, dict(values)))
    return states


def _periods(states: list[_State], attribute: str) -> list[_Period]:
    changes = []
    before = None
    for state in states:
        value = state.values[attribute]
        if value is not None and value != before:
            changes.append((value, state))
        before = value
    periods = []
    for number, (value, state) in enumerate(changes, start=1):
        ended = changes[number][1].at if number < len(changes) else None
        periods.append(_Period(value, state.event_id, state.at, ended))
    return [period for period in periods if period.started != period.ended]
