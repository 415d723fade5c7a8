"""A ticket: what can happen to it, each once into the world's memory and once into the log."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emitter import (
    TicketAssigned,
    TicketClosed,
    TicketCreated,
    TicketPriorityChanged,
    TicketReplied,
    TicketStatusChanged,
)

from .trace import Trace

if TYPE_CHECKING:
    from .world import World

Priority = Literal["low", "normal", "high", "urgent"]
State = Literal["new", "open", "pending", "on_hold", "solved", "closed"]


@dataclass(slots=True)
class Step:
    """Something that happened to a ticket."""

    trace: Trace


@dataclass(slots=True)
class Creation(Step):
    """It was opened, with a first priority."""

    priority: Priority
    agent_id: str | None


@dataclass(slots=True)
class Assignment(Step):
    """It was given to an agent."""

    agent_id: str


@dataclass(slots=True)
class StateChange(Step):
    """It moved from one status to another, by an agent or (None) by itself."""

    before: State
    after: State
    agent_id: str | None


@dataclass(slots=True)
class PriorityChange(Step):
    """It became more or less urgent, by an agent or (None) by itself."""

    before: Priority
    after: Priority
    agent_id: str | None = None


@dataclass(slots=True)
class Reply(Step):
    """Somebody wrote; what is not public is a note among agents."""

    author: Literal["agent", "customer"]
    is_public: bool


@dataclass(slots=True)
class Closure(Step):
    """The ticket system closed it, and claimed this."""

    claimed_resolution_hours: float | None
    claimed_sla_met: bool | None


class Ticket:
    """One ticket. ``history`` holds what happened, in the order of the world's time."""

    def __init__(
        self,
        world: "World",
        ticket_id: str,
        *,
        source: str,
        kind: str,
        priority: Priority = "normal",
        session_id: str | None = None,
        customer_id: str | None = None,
    ) -> None:
        self.ticket_id = ticket_id
        self.source = source
        self.kind = kind
        self.priority: Priority = priority
        self.session_id = session_id
        self.customer_id = customer_id
        self.state: State = "new"
        self.history: list[Step] = []
        self._world = world

    def open(self, agent_id: str | None = None) -> None:
        """It comes in."""
        event = TicketCreated(
            ticket_id=self.ticket_id,
            source=self.source,
            type=self.kind,
            priority=self.priority,
            agent_id=agent_id,
            session_id=self.session_id,
            customer_id=self.customer_id,
        )
        self.history.append(Creation(self._world.write(event), self.priority, agent_id))

    def assign(self, agent_id: str, before: str | None = None) -> None:
        """Give it to an agent, perhaps from another."""
        event = TicketAssigned(ticket_id=self.ticket_id, to_agent_id=agent_id, from_agent_id=before)
        self.history.append(Assignment(self._world.write(event), agent_id))

    def move(self, state: State, agent_id: str | None = None) -> None:
        """Change its status; without an agent it changes by itself."""
        event = TicketStatusChanged(
            ticket_id=self.ticket_id, from_status=self.state, to_status=state, agent_id=agent_id
        )
        self.history.append(StateChange(self._world.write(event), self.state, state, agent_id))
        self.state = state

    def prioritise(self, priority: Priority, agent_id: str | None = None) -> None:
        """Change its priority."""
        event = TicketPriorityChanged(
            ticket_id=self.ticket_id, from_priority=self.priority, to_priority=priority, agent_id=agent_id
        )
        self.history.append(PriorityChange(self._world.write(event), self.priority, priority, agent_id))
        self.priority = priority

    def reply(self, agent_id: str | None, *, is_public: bool | None = None) -> None:
        """An agent answers, or writes a note with ``is_public=False``."""
        event = TicketReplied(ticket_id=self.ticket_id, author="agent", agent_id=agent_id, is_public=is_public)
        self.history.append(Reply(self._world.write(event), "agent", is_public is not False))

    def hear(self) -> None:
        """The customer writes."""
        event = TicketReplied(ticket_id=self.ticket_id, author="customer")
        self.history.append(Reply(self._world.write(event), "customer", is_public=True))

    def close(self, resolution_hours: float | None = None, *, sla_met: bool | None = None) -> None:
        """The ticket system closes it; the arguments are what it claims."""
        event = TicketClosed(ticket_id=self.ticket_id, resolution_duration_hours=resolution_hours, sla_met=sla_met)
        self.history.append(Closure(self._world.write(event), resolution_hours, sla_met))
        self.state = "closed"
