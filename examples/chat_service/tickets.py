"""The agents' workbench: tickets."""

import time
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from emitter import TicketAssigned, TicketClosed, TicketCreated, TicketReplied, TicketStatusChanged, get_logger

from . import store

router = APIRouter(prefix="/tickets", tags=["tickets"])
log = get_logger("agent_workbench")

_PROMISED_HOURS = 24


class NewTicket(BaseModel):
    """What a ticket is about; with an agent it is theirs at once."""

    source: str = "chat"
    type: str = "general"
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    agent_id: str | None = None
    session_id: str | None = None
    customer_id: str | None = None


class Created(BaseModel):
    """The new ticket's key."""

    ticket_id: str


class TicketReply(BaseModel):
    """Who wrote on a ticket."""

    author: Literal["agent", "customer"] = "agent"
    agent_id: str | None = None
    is_public: bool = True


class Solution(BaseModel):
    """Who solved a ticket."""

    agent_id: str


@router.post("", status_code=201)
async def create(body: NewTicket) -> Created:
    """Open a ticket."""
    ticket = store.Ticket()
    store.add_ticket(ticket)
    log.info(
        TicketCreated(
            ticket_id=ticket.ticket_id,
            source=body.source,
            type=body.type,
            priority=body.priority,
            agent_id=body.agent_id,
            session_id=body.session_id,
            customer_id=body.customer_id,
        )
    )
    if body.agent_id is not None:
        log.info(TicketAssigned(ticket_id=ticket.ticket_id, to_agent_id=body.agent_id))
    return Created(ticket_id=ticket.ticket_id)


@router.post("/{ticket_id}/replies", status_code=204)
async def reply(ticket_id: str, body: TicketReply) -> None:
    """Write on a ticket; an agent's first reply opens a new one."""
    ticket = store.ticket(ticket_id)
    if ticket.status == "closed":
        store.conflict(f"ticket {ticket_id} is closed")
    if body.author == "agent" and ticket.status == "new":
        _move(ticket, "open", body.agent_id)
    log.info(TicketReplied(ticket_id=ticket_id, author=body.author, agent_id=body.agent_id, is_public=body.is_public))


@router.post("/{ticket_id}/solve", status_code=204)
async def solve(ticket_id: str, body: Solution) -> None:
    """Mark a ticket solved."""
    ticket = store.ticket(ticket_id)
    if ticket.status in {"solved", "closed"}:
        store.conflict(f"ticket {ticket_id} is {ticket.status}")
    _move(ticket, "solved", body.agent_id)


@router.post("/{ticket_id}/close", status_code=204)
async def close(ticket_id: str) -> None:
    """Close a solved ticket."""
    ticket = store.ticket(ticket_id)
    if ticket.status != "solved":
        store.conflict(f"ticket {ticket_id} is {ticket.status}, not solved")
    _move(ticket, "closed", None)
    hours = (time.monotonic() - ticket.began) / 3600
    log.info(
        TicketClosed(ticket_id=ticket_id, resolution_duration_hours=round(hours, 4), sla_met=hours <= _PROMISED_HOURS)
    )


def _move(ticket: store.Ticket, status: store.TicketStatus, agent_id: str | None) -> None:
    log.info(
        TicketStatusChanged(ticket_id=ticket.ticket_id, from_status=ticket.status, to_status=status, agent_id=agent_id)
    )
    ticket.status = status
