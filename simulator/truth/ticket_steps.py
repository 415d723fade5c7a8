"""The course of a ticket as it is seen: its steps in order, and what each of them left behind."""

from collections.abc import Sequence
from typing import NamedTuple

from ..world.ticket import Assignment, Closure, Creation, PriorityChange, Reply, StateChange, Step
from .view import View

DONE = ("solved", "closed")


def first_response(steps: Sequence[Step]) -> Step | None:
    """The first public reply of an agent; without one, the first time that an agent took the ticket out of ``new``."""
    for step in steps:
        if isinstance(step, Reply) and step.author == "agent" and step.is_public:
            return step
    for step in steps:
        if isinstance(step, StateChange) and step.agent_id and step.before == "new" and step.after != "new":
            return step
    return None


class Moment(NamedTuple):
    """A step of a ticket, when it was, in microseconds, and the priority, status and assignee that it left."""

    step: Step
    at: int
    priority: str
    status: str
    agent_id: str | None

    @property
    def is_public_agent_reply(self) -> bool:
        return isinstance(self.step, Reply) and self.step.author == "agent" and self.step.is_public

    @property
    def is_done(self) -> bool:
        """Whether the ticket became solved or closed here."""
        return isinstance(self.step, (StateChange, Closure)) and self.status in DONE


def moments(steps: list[Step], view: View) -> list[Moment]:
    """The steps from the creation on; what is dated before it follows it at once. Empty where it is not seen."""
    creation = next((step for step in steps if isinstance(step, Creation)), None)
    if creation is None:
        return []
    created_at = round(view.at(creation.trace) * 1e6)
    priority, status = str(creation.priority), "new"
    agent_id = creation.agent_id
    moments = [Moment(creation, created_at, priority, status, agent_id)]
    for step in steps:
        match step:
            case Assignment():
                agent_id = step.agent_id
            case PriorityChange():
                priority = step.after
            case StateChange():
                status = step.after
            case Closure():
                status = "closed"
        if step is not creation:
            at = max(created_at, round(view.at(step.trace) * 1e6))
            moments.append(Moment(step, at, priority, status, agent_id))
    return moments
