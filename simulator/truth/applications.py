"""Which clocks a ticket had, and what made them go and stop; the rules are those of :mod:`~simulator.truth.sla`."""

from datetime import date
from typing import NamedTuple

from ..world.calendar import Policy
from ..world.tenant import Tenant
from ..world.ticket import Closure, Creation, PriorityChange, Reply, StateChange, Step, Ticket
from .business_time import business_time
from .clock import Clock, Promise
from .tickets import first_response
from .view import View

_DONE = ("solved", "closed")


class _Moment(NamedTuple):
    """A step of a ticket, when it was, in microseconds, and the priority and status that it left."""

    step: Step
    at: int
    priority: str
    status: str

    @property
    def is_public_agent_reply(self) -> bool:
        return isinstance(self.step, Reply) and self.step.author == "agent" and self.step.is_public

    @property
    def is_done(self) -> bool:
        """Whether the ticket became solved or closed here."""
        return isinstance(self.step, (StateChange, Closure)) and self.status in _DONE


def clocks(ticket: Ticket, tenant: Tenant, view: View) -> list[Clock]:
    """The clocks that are seen of a ticket, also those that never had a policy."""
    steps = view.seen(ticket.history)
    moments = _moments(steps, view)
    if not moments:
        return []
    desk = _Promises(tenant, ticket.kind)
    response = first_response(steps)
    return [
        _first_response(moments, response, desk),
        *(_next_responses(moments, response, desk) if response else ()),
        _resolution(moments, desk),
    ]


def _moments(steps: list[Step], view: View) -> list[_Moment]:
    """The steps from the creation on; what is dated before it follows it at once. Empty where it is not seen."""
    creation = next((step for step in steps if isinstance(step, Creation)), None)
    if creation is None:
        return []
    created_at = round(view.at(creation.trace) * 1e6)
    priority, status = str(creation.priority), "new"
    moments = [_Moment(creation, created_at, priority, status)]
    for step in steps:
        match step:
            case PriorityChange():
                priority = step.after
            case StateChange():
                status = step.after
            case Closure():
                status = "closed"
        if step is not creation:
            moments.append(_Moment(step, max(created_at, round(view.at(step.trace) * 1e6)), priority, status))
    return moments


class _Promises:
    """What a tenant promises for tickets of a type."""

    def __init__(self, tenant: Tenant, ticket_type: str) -> None:
        self._tenant = tenant
        self._ticket_type = ticket_type
        self._calendars = {calendar.calendar_id: calendar for calendar in tenant.calendars}

    def drive(self, clock: Clock, moment: _Moment) -> None:
        """Let a clock go on under the policy in force at a moment."""
        started_on = self._tenant.local_date(clock.started / 1e6)
        policy = self._policy(clock.metric, moment.priority, started_on)
        promise = Promise(policy, business_time(self._calendars[policy.calendar_id])) if policy else None
        clock.go(moment.at, promise, moment.priority, moment.status)

    def _policy(self, metric: str, priority: str, day: date) -> Policy | None:
        valid = [
            policy
            for policy in self._tenant.policies
            if (policy.metric, policy.priority) == (metric, priority)
            and policy.valid_from <= day
            and (policy.valid_to is None or day < policy.valid_to)
        ]
        for ticket_type in (self._ticket_type, None):
            for policy in valid:
                if policy.ticket_type == ticket_type:
                    return policy
        return None


def _first_response(moments: list[_Moment], response: Step | None, desk: _Promises) -> Clock:
    clock = Clock("first_response", 1, moments[0].at)
    for moment in moments:
        if moment.step is response or moment.is_done:
            clock.stop(moment.at)
            break
        desk.drive(clock, moment)
    return clock


def _next_responses(moments: list[_Moment], response: Step, desk: _Promises) -> list[Clock]:
    found: list[Clock] = []
    running: Clock | None = None
    is_answered = False
    for moment in moments:
        is_reply_of_customer = isinstance(moment.step, Reply) and moment.step.author == "customer"
        if running is not None and (moment.is_public_agent_reply or moment.is_done):
            running.stop(moment.at)
            running = None
        elif running is None and is_answered and is_reply_of_customer:
            running = Clock("next_response", len(found) + 1, moment.at)
            found.append(running)
        if running is not None:
            desk.drive(running, moment)
        is_answered = is_answered or moment.step is response
    return found


def _resolution(moments: list[_Moment], desk: _Promises) -> Clock:
    clock = Clock("resolution", 1, moments[0].at)
    for moment in moments:
        if moment.status in _DONE:
            clock.stop(moment.at)
        else:
            desk.drive(clock, moment)
    return clock
