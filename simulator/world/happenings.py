"""What can happen in a session: the world's own memory of it, apart from what is logged."""

from dataclasses import dataclass
from typing import Literal

from .trace import Trace


@dataclass(slots=True)
class Happening:
    """Something that happened in a session, of a kind that no rule asks about."""

    trace: Trace


@dataclass(slots=True)
class Opening(Happening):
    """The customer came in."""


@dataclass(slots=True)
class Turn(Happening):
    """The customer or the AI wrote."""

    role: Literal["user", "ai"]
    is_fallback: bool = False
    response_time_ms: int | None = None
    length: int = 0
    #: As it may be written down; None where texts are not captured.
    text: str | None = None


@dataclass(slots=True)
class Intent(Happening):
    """The AI recognised what the customer wants."""

    intent: str


@dataclass(slots=True)
class Query(Happening):
    """An order or a parcel was looked up, by its number, at a shop's site or a carrier."""

    subject: Literal["order", "tracking"]
    is_successful: bool
    response_time_ms: int
    number: str
    site: str | None = None
    carrier: str | None = None
    status: str | None = None
    error_type: str | None = None


@dataclass(slots=True)
class Call(Happening):
    """A workflow or a tool was called, or (``error``) the model's service failed. name: of the workflow or tool."""

    what: Literal["workflow", "tool", "error"]
    is_successful: bool
    #: Of the workflow or the tool, or the address that failed.
    name: str
    response_time_ms: int | None = None
    error_type: str | None = None


@dataclass(slots=True)
class Routing(Happening):
    """One of the AI's sub-agents was chosen."""

    agent_name: str


@dataclass(slots=True)
class Interrupt(Happening):
    """The AI asked a human to allow an action, or got an answer."""

    interrupt_id: str
    status: Literal["requested", "approved", "rejected", "expired"]
    action: str | None


@dataclass(slots=True)
class TokenUse(Happening):
    """A model read and wrote tokens; the cached ones are part of the prompt."""

    model: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int | None
    provider: str | None = None
    workflow_id: str | None = None


@dataclass(slots=True)
class Feedback(Happening):
    """The customer said whether it helped."""

    is_helpful: bool


@dataclass(slots=True)
class Rating(Happening):
    """The customer gave a score from 1 to 5, of the AI or of the human."""

    score: int
    rated: Literal["ai", "human"] | None
    comment_length: int | None = None


@dataclass(slots=True)
class Escalation(Happening):
    """A human was asked for."""

    reason: str
    severity: str
    keyword: str | None
    is_accepted: bool


@dataclass(slots=True)
class Takeover(Happening):
    """An agent took the session over, and how long the customer waited, as the workbench claims."""

    agent_id: str
    claimed_wait_seconds: float | None = None


@dataclass(slots=True)
class AgentTurn(Happening):
    """An agent wrote."""

    agent_id: str
    length: int = 0
    text: str | None = None


@dataclass(slots=True)
class Note(Happening):
    """An agent wrote down what the customer does not see."""

    agent_id: str
    length: int | None


@dataclass(slots=True)
class Transfer(Happening):
    """An agent passed the session on."""

    agent_id: str
    target_agent_id: str


@dataclass(slots=True)
class Release(Happening):
    """An agent let the session go, and what the workbench claims about the time that he or she had it."""

    agent_id: str
    claimed_handle_seconds: float | None = None
    claimed_message_count: int | None = None


@dataclass(slots=True)
class Ending(Happening):
    """The session ended, and what the product claims about it."""

    end_reason: str | None
    claimed_duration_seconds: float
    claimed_message_count: int
    claimed_resolved_by: str
