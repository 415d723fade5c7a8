"""A chat session, as it was in the world."""

from dataclasses import dataclass, field

from .customer import Customer


@dataclass
class Session:
    """One session and what happened in it; instants in seconds since the epoch."""

    session_id: str
    customer: Customer
    channel: str
    started_at: float
    is_test: bool = False
    #: Served by an old deployment that still writes the names of older emitters.
    is_outdated: bool = False
    user_turn_count: int = 0
    ai_turn_count: int = 0
    agent_turn_count: int = 0
    #: The last turn was an answer, not a question, a fallback or a failure.
    is_answered: bool = False
    last_helpful: bool | None = None
    last_score: int | None = None
    escalated_at: float | None = None
    was_rejected: bool = False
    agent_ids: list[str] = field(default_factory=list)
    ended_at: float | None = None

    @property
    def turn_count(self) -> int:
        """Messages of customer, AI and agents."""
        return self.user_turn_count + self.ai_turn_count + self.agent_turn_count
