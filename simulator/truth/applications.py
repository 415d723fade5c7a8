"""Which clocks a ticket had, and what made them go and stop; the rules are those of :mod:`~simulator.truth.sla`."""

from datetime import date

from ..world.calendar import Calendar, Policy
from ..world.tenant import Tenant
from ..world.ticket import Reply, Step, Ticket
from .business_time import business_time
from .clock import Clock, Promise
from .ticket_steps import DONE, Moment, first_response, moments
from .view import View


def clocks(ticket: Ticket, tenant: Tenant, view: View) -> list[Clock]:
    """The clocks that are seen of a ticket, also those that never had a policy."""
    steps = view.seen(ticket.history)
    seen = moments(steps, view)
    if not seen:
        return []
    desk = _Promises(tenant, ticket.kind)
    response = first_response(steps)
    return [
        _first_response(seen, response, desk),
        *(_next_responses(seen, response, desk) if response else ()),
        _resolution(seen, desk),
    ]


def calendar_at_creation(course: list[Moment], tenant: Tenant, ticket_type: str) -> Calendar | None:
    """The calendar of the resolution policy in force when a ticket was created; None without one."""
    if not course:
        return None
    policy = _Promises(tenant, ticket_type).policy(
        "resolution", course[0].priority, tenant.local_date(course[0].at / 1e6)
    )
    return next((each for each in tenant.calendars if policy and each.calendar_id == policy.calendar_id), None)


class _Promises:
    """What a tenant promises for tickets of a type."""

    def __init__(self, tenant: Tenant, ticket_type: str) -> None:
        self._tenant = tenant
        self._ticket_type = ticket_type
        self._calendars = {calendar.calendar_id: calendar for calendar in tenant.calendars}

    def drive(self, clock: Clock, moment: Moment) -> None:
        """Let a clock go on under the policy in force at a moment."""
        started_on = self._tenant.local_date(clock.started / 1e6)
        policy = self.policy(clock.metric, moment.priority, started_on)
        promise = Promise(policy, business_time(self._calendars[policy.calendar_id])) if policy else None
        clock.go(moment.at, promise, moment.priority, moment.status, moment.step.trace.event_id)

    def policy(self, metric: str, priority: str, day: date) -> Policy | None:
        """The policy for clocks that start on a local date, and a ticket of a priority."""
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


def _first_response(course: list[Moment], response: Step | None, desk: _Promises) -> Clock:
    clock = Clock("first_response", 1, course[0].at)
    for moment in course:
        clock.agent_id = moment.agent_id
        if moment.step is response or moment.is_done:
            clock.stop(moment.at)
            break
        desk.drive(clock, moment)
    return clock


def _next_responses(course: list[Moment], response: Step, desk: _Promises) -> list[Clock]:
    found: list[Clock] = []
    running: Clock | None = None
    is_answered = is_waiting = False
    for moment in course:
        if is_answered and isinstance(moment.step, Reply) and moment.step.author == "customer":
            is_waiting = True
        if moment.is_public_agent_reply or moment.is_done:
            is_waiting = False
            if running is not None:
                running.stop(moment.at)
                running.agent_id = moment.agent_id
                running = None
        if is_waiting and running is None and moment.status not in DONE:
            running = Clock("next_response", len(found) + 1, moment.at)
            found.append(running)
        if running is not None:
            running.agent_id = moment.agent_id
            desk.drive(running, moment)
        is_answered = is_answered or moment.step is response
    return found


def _resolution(course: list[Moment], desk: _Promises) -> Clock:
    clock = Clock("resolution", 1, course[0].at)
    for moment in course:
        if clock.is_going or moment.status not in DONE:
            clock.agent_id = moment.agent_id
        if moment.status in DONE:
            clock.stop(moment.at)
        else:
            desk.drive(clock, moment)
    return clock
