"""AI chatbot sessions (``product = ai_chatbot``)."""

from typing import Annotated, Literal

from msgspec import Meta

from ._base import CapturedText, Count, Event, Id, Integer, PersonalId, Seconds


class SessionStart(Event, tag="session.start"):
    """The first user message opens a session."""

    session_id: Id
    channel: str
    user_agent: str | None = None
    customer_id: PersonalId | None = None
    site: str | None = None
    locale: str | None = None
    is_test: bool | None = None


class SessionMessage(Event, tag="session.message"):
    """Each turn, of the user or of the AI. `is_fallback`: the bot said that it did not understand."""

    session_id: Id
    role: Literal["user", "ai"]
    message_length: Count
    response_time_ms: Integer | None = None
    message_id: str | None = None
    is_fallback: bool | None = None
    text: CapturedText | None = None


class SessionIntent(Event, tag="session.intent"):
    """An intent was recognised."""

    session_id: Id
    intent: str
    confidence: Annotated[float, Meta(ge=0, le=1)] | None = None


class SessionFeedback(Event, tag="session.feedback"):
    """The customer says whether it helped."""

    session_id: Id
    helpful: bool


class SessionRating(Event, tag="session.rating"):
    """A satisfaction score, of the AI or of the human who took over."""

    session_id: Id
    score: Annotated[int, Meta(ge=1, le=5)]
    rated: Literal["ai", "human"] | None = None
    comment_length: Integer | None = None


class SessionEscalate(Event, tag="session.escalate"):
    """A hand-over to a human is asked for. `accepted` false: it failed, e.g. queue closed; absent means true."""

    session_id: Id
    reason: str
    severity: Literal["low", "medium", "high", "critical"]
    trigger_keyword: str | None = None
    accepted: bool | None = None


class SessionEnd(Event, tag="session.end"):
    """The session is over, with what the product claims about it."""

    session_id: Id
    duration_seconds: Seconds
    message_count: Count
    resolved_by: Literal["ai", "human", "none"]
    end_reason: Literal["completed", "timeout", "user_left", "error"] | None = None
