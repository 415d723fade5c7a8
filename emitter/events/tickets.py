"""Tickets."""

from typing import Literal

from ._base import Event, Id, PersonalId, TicketPriority, TicketStatus


class TicketCreated(Event, tag="ticket.created"):
    """A ticket was opened."""

    ticket_id: Id
    source: str
    type: str
    priority: TicketPriority
    agent_id: Id | None = None
    session_id: Id | None = None
    customer_id: PersonalId | None = None


class TicketAssigned(Event, tag="ticket.assigned"):
    """A ticket was given to an agent."""

    ticket_id: Id
    to_agent_id: Id
    from_agent_id: Id | None = None


class TicketStatusChanged(Event, tag="ticket.status_changed"):
    """A ticket moved between new, open, pending, on_hold, solved and closed."""

    ticket_id: Id
    from_status: TicketStatus
    to_status: TicketStatus
    agent_id: Id | None = None


class TicketPriorityChanged(Event, tag="ticket.priority_changed"):
    """A ticket's priority changed."""

    ticket_id: Id
    from_priority: TicketPriority
    to_priority: TicketPriority
    agent_id: Id | None = None


class TicketReplied(Event, tag="ticket.replied"):
    """An agent or the customer wrote on a ticket. `is_public` absent means true."""

    ticket_id: Id
    author: Literal["agent", "customer"]
    agent_id: Id | None = None
    is_public: bool | None = None


class TicketClosed(Event, tag="ticket.closed"):
    """A ticket was closed, with what the ticket system claims about it."""

    ticket_id: Id
    resolution_duration_hours: float | None = None
    sla_met: bool | None = None
