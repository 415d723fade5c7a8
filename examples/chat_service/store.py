"""What the service remembers while it runs; a real product has a database here."""

import time
from dataclasses import dataclass, field
from typing import Literal, NoReturn
from uuid import uuid4

from fastapi import HTTPException

TicketStatus = Literal["new", "open", "pending", "on_hold", "solved", "closed"]


@dataclass
class Session:
    """A chat session."""

    session_id: str = field(default_factory=lambda: f"s-{uuid4().hex}")
    site: str = "cn"
    began: float = field(default_factory=time.monotonic)
    message_count: int = 0
    escalated: float | None = None
    taken_over: float | None = None
    agent_id: str | None = None
    agent_message_count: int = 0
    was_human: bool = False
    is_over: bool = False


@dataclass
class Agent:
    """An agent who is logged in."""

    agent_id: str
    began: float = field(default_factory=time.monotonic)
    session_count: int = 0


@dataclass
class Ticket:
    """A ticket."""

    ticket_id: str = field(default_factory=lambda: f"t-{uuid4().hex}")
    status: TicketStatus = "new"
    began: float = field(default_factory=time.monotonic)


_sessions: dict[str, Session] = {}
_agents: dict[str, Agent] = {}
_tickets: dict[str, Ticket] = {}


def add_session(session: Session) -> None:
    """Remember a session."""
    _sessions[session.session_id] = session


def open_session(session_id: str) -> Session:
    """The session, or 404 if there is none, or 409 if it is over."""
    session = _sessions.get(session_id) or _missing("session", session_id)
    if session.is_over:
        conflict(f"session {session_id} is over")
    return session


def add_agent(agent: Agent) -> None:
    """Remember an agent who logged in; 409 if the agent already has."""
    if agent.agent_id in _agents:
        conflict(f"agent {agent.agent_id} is logged in already")
    _agents[agent.agent_id] = agent


def agent(agent_id: str) -> Agent:
    """The agent, or 404 if not logged in."""
    return _agents.get(agent_id) or _missing("agent", agent_id)


def remove_agent(agent_id: str) -> Agent:
    """Forget an agent who logs out; 404 if not logged in."""
    return _agents.pop(agent_id, None) or _missing("agent", agent_id)


def add_ticket(ticket: Ticket) -> None:
    """Remember a ticket."""
    _tickets[ticket.ticket_id] = ticket


def ticket(ticket_id: str) -> Ticket:
    """The ticket, or 404 if there is none."""
    return _tickets.get(ticket_id) or _missing("ticket", ticket_id)


def conflict(detail: str) -> NoReturn:
    """Refuse a request that does not fit the state of things."""
    raise HTTPException(409, detail)


def _missing(what: str, key: str) -> NoReturn:
    raise HTTPException(404, f"no {what} {key}")
