"""The chatbot: sessions of customers."""

import time
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from emitter import (
    AiRoute,
    QueryOrder,
    QueryTracking,
    SessionEnd,
    SessionEscalate,
    SessionFeedback,
    SessionIntent,
    SessionMessage,
    SessionRating,
    SessionStart,
    get_logger,
)

from . import store
from .scripts import Lookup, answer

router = APIRouter(prefix="/sessions", tags=["chat"])
log = get_logger("ai_chatbot")

Text = Annotated[str, Field(min_length=1, max_length=4000)]


class NewSession(BaseModel):
    """A customer's first message, and where it comes from."""

    text: Text
    channel: Literal["web", "app", "wechat"] = "web"
    customer_id: str | None = None
    site: str = "cn"
    locale: str | None = None


class Message(BaseModel):
    """A customer's message."""

    text: Text


class Reply(BaseModel):
    """The bot's answer; without ``text`` when a human has the session."""

    session_id: str
    text: str | None
    understood: bool = True


class Feedback(BaseModel):
    """Whether it helped, and perhaps a score."""

    helpful: bool
    score: Annotated[int, Field(ge=1, le=5)] | None = None


class Escalation(BaseModel):
    """Why a human is needed."""

    reason: str = "customer_request"
    severity: Literal["low", "medium", "high", "critical"] = "medium"


class Ending(BaseModel):
    """How the session ended."""

    end_reason: Literal["completed", "timeout", "user_left", "error"] = "completed"
    is_resolved: bool = True


@router.post("", status_code=201)
async def start(body: NewSession) -> Reply:
    """Open a session with its first message."""
    session = store.Session(site=body.site)
    store.add_session(session)
    log.info(
        SessionStart(
            session_id=session.session_id,
            channel=body.channel,
            customer_id=body.customer_id,
            site=body.site,
            locale=body.locale,
        )
    )
    return _reply(session, body.text)


@router.post("/{session_id}/messages")
async def write(session_id: str, body: Message) -> Reply:
    """Say something; the bot answers unless an agent has the session."""
    return _reply(store.open_session(session_id), body.text)


@router.post("/{session_id}/feedback", status_code=204)
async def judge(session_id: str, body: Feedback) -> None:
    """Say whether it helped."""
    session = store.open_session(session_id)
    log.info(SessionFeedback(session_id=session_id, helpful=body.helpful))
    if body.score is not None:
        rated: Literal["ai", "human"] = "human" if session.was_human else "ai"
        log.info(SessionRating(session_id=session_id, score=body.score, rated=rated))


@router.post("/{session_id}/escalate", status_code=204)
async def escalate(session_id: str, body: Escalation) -> None:
    """Ask for a human."""
    session = store.open_session(session_id)
    session.escalated = time.monotonic()
    log.info(SessionEscalate(session_id=session_id, reason=body.reason, severity=body.severity))


@router.post("/{session_id}/end", status_code=204)
async def end(session_id: str, body: Ending) -> None:
    """Close the session."""
    session = store.open_session(session_id)
    session.is_over = True
    resolved_by: Literal["ai", "human", "none"] = "human" if session.was_human else "ai"
    log.info(
        SessionEnd(
            session_id=session_id,
            duration_seconds=round(time.monotonic() - session.began, 3),
            message_count=session.message_count,
            resolved_by=resolved_by if body.is_resolved else "none",
            end_reason=body.end_reason,
        )
    )


def _reply(session: store.Session, text: str) -> Reply:
    began = time.perf_counter()
    session.message_count += 1
    log.info(SessionMessage(session_id=session.session_id, role="user", message_length=len(text), text=text))
    if session.agent_id is not None:
        return Reply(session_id=session.session_id, text=None)
    said = answer(text)
    if said.intent is not None:
        log.info(SessionIntent(session_id=session.session_id, intent=said.intent))
        log.info(AiRoute(session_id=session.session_id, agent_name=f"{said.intent}-script"))
    if said.lookup is not None:
        _log_lookup(session, said.lookup, began)
    session.message_count += 1
    log.info(
        SessionMessage(
            session_id=session.session_id,
            role="ai",
            message_length=len(said.text),
            response_time_ms=_milliseconds(began),
            is_fallback=said.intent is None,
            text=said.text,
        )
    )
    return Reply(session_id=session.session_id, text=said.text, understood=said.intent is not None)


def _log_lookup(session: store.Session, lookup: Lookup, began: float) -> None:
    if lookup.kind == "order":
        log.info(
            QueryOrder(
                session_id=session.session_id,
                order_number=lookup.number,
                site=session.site,
                success=lookup.status is not None,
                response_time_ms=_milliseconds(began),
                error_type=None if lookup.status else "not_found",
            )
        )
    else:
        log.info(
            QueryTracking(
                session_id=session.session_id,
                tracking_number=lookup.number,
                carrier="sf",
                success=lookup.status is not None,
                status=lookup.status,
                response_time_ms=_milliseconds(began),
            )
        )


def _milliseconds(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
