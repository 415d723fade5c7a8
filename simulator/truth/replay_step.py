"""One step of a replay: what kind it is, who did it, and what there is to say of it."""

from collections.abc import Callable
from typing import Any

from ..world.happenings import (
    AgentTurn,
    Call,
    Ending,
    Escalation,
    Feedback,
    Happening,
    Intent,
    Interrupt,
    Note,
    Opening,
    Query,
    Rating,
    Release,
    Routing,
    Takeover,
    Transfer,
    Turn,
)
from ..world.session import Session

_DECIDERS = {"requested": "ai", "approved": "agent", "rejected": "agent", "expired": "system"}


def step_of(session: Session, happening: Happening) -> dict[str, Any]:
    """The columns of a step that its happening alone tells. Raises KeyError for what is no step."""
    if isinstance(happening, Opening):
        return _step("session_start", "customer", session.channel)
    return _TOLD[type(happening)](happening)


def _said(turn: Turn) -> dict[str, Any]:
    is_user = turn.role == "user"
    return _step(
        "user_message" if is_user else "ai_message",
        "customer" if is_user else "ai",
        "fallback" if turn.is_fallback else None,
        ms=turn.response_time_ms,
        length=turn.length,
        text=turn.text,
    )


def _looked_up(query: Query) -> dict[str, Any]:
    place = f"order at {query.site}" if query.subject == "order" else f"parcel at {query.carrier}"
    return _step("query", "ai", place, success=query.is_successful, ms=query.response_time_ms)


def _called(call: Call) -> dict[str, Any]:
    if call.what == "error":
        return _step("error", "system", call.error_type, success=False)
    return _step("tool_call", "ai", call.name, success=call.is_successful, ms=call.response_time_ms)


def _step(
    step_type: str,
    actor_type: str,
    detail: str | None = None,
    *,
    agent_id: str | None = None,
    success: bool | None = None,
    ms: int | None = None,
    length: int | None = None,
    text: str | None = None,
) -> dict[str, Any]:
    return {
        "step_type": step_type,
        "actor_type": actor_type,
        "agent_id": agent_id,
        "detail": detail,
        "masked_text": text,
        "is_successful": success,
        "response_time_ms": ms,
        "message_length": length,
    }


def _decided(interrupt: Interrupt) -> dict[str, Any]:
    detail = f"{interrupt.status}: {interrupt.action}" if interrupt.action else interrupt.status
    return _step("interrupt", _DECIDERS[interrupt.status], detail)


_TOLD: dict[type[Happening], Callable[[Any], dict[str, Any]]] = {
    Turn: _said,
    Query: _looked_up,
    Call: _called,
    Interrupt: _decided,
    Intent: lambda it: _step("intent", "ai", it.intent),
    Routing: lambda it: _step("routing", "ai", it.agent_name),
    Escalation: lambda it: _step("escalation", "system", it.reason, success=it.is_accepted),
    Takeover: lambda it: _step("takeover", "agent", agent_id=it.agent_id),
    AgentTurn: lambda it: _step("agent_message", "agent", agent_id=it.agent_id, length=it.length, text=it.text),
    Note: lambda it: _step("note", "agent", agent_id=it.agent_id, length=it.length),
    Transfer: lambda it: _step("transfer", "agent", f"to {it.target_agent_id}", agent_id=it.agent_id),
    Release: lambda it: _step("release", "agent", agent_id=it.agent_id),
    Feedback: lambda it: _step("feedback", "customer", "helpful" if it.is_helpful else "not helpful"),
    Rating: lambda it: _step("feedback", "customer", f"{it.score} of 5"),
    Ending: lambda it: _step("session_end", "system", it.end_reason),
}
