"""Handlings: the times for which agents had a session in their hands.

A handling begins with a takeover. It ends with what comes next in the session: the agent's own release or transfer,
the session's end, another takeover, or a silence as long as the timeout, then with the last before it; until then the
session is held.

Wait: from the first escalation, not turned down, that nobody has answered; no wait where the agent came unasked. While
an agent has the session nobody waits, and an agent who writes has answered, even where the takeover was lost.
First reply: from the takeover to the agent's first message while the session is held.
Last sign: the last that the agent did with the session while holding it, its release or transfer included.
Chain: the first, second, third … takeover of the session. Ping-pong: the agent had it before another agent did.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..world.happenings import AgentTurn, Ending, Escalation, Happening, Note, Release, Takeover, Transfer
from ..world.session import Session
from ..world.tenant import Tenant
from .exact import seconds_between
from .hands import moments
from .view import View

_ENDS = {Release: "release", Transfer: "transfer", Ending: "session_end", Takeover: "takeover"}


@dataclass(slots=True)
class Handling:
    """A takeover and what followed; instants in seconds since the epoch. claimed_*: what the workbench says of it."""

    takeover_event_id: str
    session_id: str
    agent_id: str
    escalated_at: float | None
    taken_over_at: float
    previous_agent_id: str | None
    chain_position: int
    is_ping_pong: bool
    is_test: bool
    last_sign_at: float
    claimed_wait_seconds: float | None
    claimed_handle_seconds: float | None = None
    claimed_message_count: int | None = None
    ended_at: float | None = None
    end_source: str | None = None
    target_agent_id: str | None = None
    first_reply_at: float | None = None
    messages_count: int = 0

    @property
    def wait_seconds(self) -> Decimal | None:
        """From the escalation to the takeover."""
        return None if self.escalated_at is None else seconds_between(self.escalated_at, self.taken_over_at)

    @property
    def handle_seconds(self) -> Decimal | None:
        """From the takeover to the end; None while held."""
        return None if self.ended_at is None else seconds_between(self.taken_over_at, self.ended_at)

    @property
    def first_reply_seconds(self) -> Decimal | None:
        """From the takeover to the first message; None without any."""
        return None if self.first_reply_at is None else seconds_between(self.taken_over_at, self.first_reply_at)

    def end(self, at: float, happening: Happening | None) -> None:
        """What takes the session out of the hands ends it; None: a silence."""
        self.ended_at = at
        self.end_source = "session_timeout" if happening is None else _ENDS[type(happening)]
        match happening:
            case Release():
                self.last_sign_at = at
                self.claimed_handle_seconds = happening.claimed_handle_seconds
                self.claimed_message_count = happening.claimed_message_count
            case Transfer():
                self.last_sign_at = at
                self.target_agent_id = happening.target_agent_id

    def row(self, tenant: Tenant) -> dict[str, Any]:
        """The row of ``fct_agent_handlings``."""
        return {
            "takeover_event_id": self.takeover_event_id,
            "tenant_id": tenant.tenant_id,
            "session_id": self.session_id,
            "agent_id": self.agent_id,
            "handling_date": tenant.local_date(self.taken_over_at),
            "escalated_at": self.escalated_at,
            "taken_over_at": self.taken_over_at,
            "ended_at": self.ended_at,
            "last_sign_at": self.last_sign_at,
            "end_source": self.end_source,
            "target_agent_id": self.target_agent_id,
            "previous_agent_id": self.previous_agent_id,
            "is_test": self.is_test,
            "is_transferred": self.end_source == "transfer",
            "is_ping_pong": self.is_ping_pong,
            "chain_position": self.chain_position,
            "wait_seconds": self.wait_seconds,
            "first_reply_seconds": self.first_reply_seconds,
            "handle_seconds": self.handle_seconds,
            "messages_count": self.messages_count,
            "reported_wait_seconds": self.claimed_wait_seconds,
            "reported_handle_seconds": self.claimed_handle_seconds,
            "reported_message_count": self.claimed_message_count,
        }


def handlings(session: Session, view: View, *, is_test: bool) -> list[Handling]:
    """The handlings that are seen of a session, in their order; is_test: whether it is seen to be a test."""
    found: list[Handling] = []
    held: Handling | None = None
    asked_at: float | None = None
    for moment in moments(session, view):
        at = moment.at
        if held is not None and moment.is_letting_go:
            held.end(at, moment.happening)
            held = None
        match moment.happening:
            case Escalation(is_accepted=True) if moment.holder is None:
                asked_at = at if asked_at is None else asked_at
            case Takeover(trace, agent_id, claimed):
                chain = [handling.agent_id for handling in found]
                held = Handling(
                    trace.event_id, session.session_id, agent_id, asked_at, at,
                    previous_agent_id=chain[-1] if chain else None,
                    chain_position=len(chain) + 1,
                    is_ping_pong=agent_id in chain and chain[-1] != agent_id,
                    is_test=is_test,
                    last_sign_at=at,
                    claimed_wait_seconds=claimed,
                )  # fmt: skip
                found.append(held)
                asked_at = None
            case AgentTurn() if held is None:
                asked_at = None
            case AgentTurn(_, agent_id) if held is not None and held.agent_id == agent_id:
                held.messages_count += 1
                held.first_reply_at = at if held.first_reply_at is None else held.first_reply_at
                held.last_sign_at = at
            case Note(_, agent_id) if held is not None and held.agent_id == agent_id:
                held.last_sign_at = at
    return found
