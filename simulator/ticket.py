"""A ticket, as it was in the world."""

from dataclasses import dataclass
from typing import Literal

Priority = Literal["low", "normal", "high", "urgent"]
State = Literal["new", "open", "pending", "on_hold", "solved", "closed"]


@dataclass
class Ticket:
    """One ticket; instants in seconds since the epoch."""

    ticket_id: str
    source: str
    kind: str
    priority: Priority
    created_at: float
    session_id: str | None = None
    customer_id: str | None = None
    agent_id: str | None = None
    state: State = "new"
    reopen_count: int = 0
    first_reply_at: float | None = None
    solved_at: float | None = None
    closed_at: float | None = None
