"""Handlings: the times for which agents had a session in their hands.

A handling begins with a takeover. It ends with what comes next in the session: a release, a transfer, the session's end
or another takeover, whoever did it; until then the session is held.

Wait: from the first escalation since the takeover before; no wait where the agent came unasked.
First reply: from the takeover to the agent's first message while the session is held.
Chain: the first, second, third … takeover of the session. Ping-pong: the agent had it before another agent did.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..world.happenings import AgentTurn, Ending, Escalation, Release, Takeover, Transfer
from ..world.session import Session
from .exact import seconds_between
from .view import View

_ENDS = {Release: "release", Transfer: "transfer", Ending: "session_end", Takeover: "takeover"}


@dataclass(slots=True)
class Handling:
    """A takeover and what followed; instants in seconds since the epoch."""

    takeover_event_id: str
    session_id: str
    agent_id: str
    escalated_at: float | None
    taken_over_at: float
    chain_position: int
    is_ping_pong: bool
    ended_at: float | None = None
    end_source: str | None = None
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

    def row(self, tenant_id: str) -> dict[str, Any]:
        """The row of ``fct_agent_handlings``."""
        reply_at = self.first_reply_at
        return {
            "takeover_event_id": self.takeover_event_id,
            "tenant_id": tenant_id,
            "session_id": self.session_id,
            "agent_id": self.agent_id,
            "escalated_at": self.escalated_at,
            "taken_over_at": self.taken_over_at,
            "ended_at": self.ended_at,
            "end_source": self.end_source,
            "is_transferred": self.end_source == "transfer",
            "wait_seconds": self.wait_seconds,
            "handle_seconds": self.handle_seconds,
            "first_reply_seconds": None if reply_at is None else seconds_between(self.taken_over_at, reply_at),
            "messages_count": self.messages_count,
            "chain_position": self.chain_position,
            "is_ping_pong": self.is_ping_pong,
        }


def handlings(session: Session, view: View) -> list[Handling]:
    """The handlings that are seen of a session, in their order."""
    found: list[Handling] = []
    held: Handling | None = None
    asked_at: float | None = None
    for happening in view.seen(session.history):
        at = view.at(happening.trace)
        source = _ENDS.get(type(happening))
        if source is not None and held is not None:
            held.ended_at, held.end_source = at, source
            held = None
        match happening:
            case Escalation():
                asked_at = at if asked_at is None else asked_at
            case Takeover(trace, agent_id):
                chain = [handling.agent_id for handling in found]
                is_back = agent_id in chain and chain[-1] != agent_id
                held = Handling(trace.event_id, session.session_id, agent_id, asked_at, at, len(chain) + 1, is_back)
                found.append(held)
                asked_at = None
            case AgentTurn(_, agent_id) if held is not None and held.agent_id == agent_id:
                held.messages_count += 1
                held.first_reply_at = at if held.first_reply_at is None else held.first_reply_at
    return found
