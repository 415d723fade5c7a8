"""A chat: the process that plays a session from the first message to the last."""

from collections.abc import Mapping
from typing import Any, Literal

from emitter import (
    AgentSessionMessage,
    Event,
    SessionEnd,
    SessionFeedback,
    SessionMessage,
    SessionRating,
    SessionStart,
)

from .agenda import Process
from .agent import Agent
from .chance import Chance
from .claims import claimed, claimed_count
from .session import Session
from .tenant import MINUTE
from .world import World

_USER_AGENTS = {
    "web": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
    "app": "SupportApp/5.2 (iOS 19)",
    "wechat": "MicroMessenger/8.0 (Android 16)",
}
_IDLE_SECONDS = 30 * MINUTE


class Chat:
    """A session with its own stream of chance, and the writing of its turns."""

    def __init__(self, world: World, session: Session, chance: Chance) -> None:
        self.world = world
        self.session = session
        self.chance = chance

    def write(self, event: Event, unknown_fields: Mapping[str, Any] | None = None) -> None:
        """Write an event of the chatbot."""
        self.world.write(event, is_outdated=self.session.is_outdated, unknown_fields=unknown_fields)

    def open(self) -> None:
        """The customer comes in."""
        session, customer = self.session, self.session.customer
        self.write(
            SessionStart(
                session_id=session.session_id,
                channel=session.channel,
                user_agent=_USER_AGENTS[session.channel],
                customer_id=None if customer.is_anonymous else customer.customer_id,
                site=customer.site,
                locale=customer.locale,
                is_test=True if session.is_test else None,
            ),
            # A release ahead of the contract: its field is kept and shown as drift.
            unknown_fields={"referrer": "newsletter"} if self.chance.happens(0.003) else None,
        )

    def user_turn(self) -> None:
        """The customer writes."""
        self.session.user_turn_count += 1
        self.session.is_answered = False
        self.write(self._message("user", round(self.chance.around(28, 0.7))))

    def ai_turn(self, *, response_time_ms: int, is_fallback: bool = False) -> None:
        """The AI answers."""
        self.session.ai_turn_count += 1
        self.session.is_answered = not is_fallback
        message = self._message("ai", round(self.chance.around(46 if is_fallback else 140)))
        message.response_time_ms = response_time_ms
        message.is_fallback = True if is_fallback else None
        self.write(message)

    def agent_turn(self, agent: Agent) -> None:
        """An agent writes."""
        self.session.agent_turn_count += 1
        self.world.write(
            AgentSessionMessage(
                agent_id=agent.agent_id,
                session_id=self.session.session_id,
                message_length=round(self.chance.around(70)),
            ),
            is_outdated=self.world.now < agent.outdated_until,
        )

    def judge(self) -> Process:
        """The customer may say whether it helped, and may give a score."""
        session, chance = self.session, self.chance
        has_human = bool(session.agent_ids)
        if chance.happens(0.15):
            yield chance.around(9)
            session.last_helpful = chance.happens(0.84 if has_human or session.escalated_at is None else 0.2)
            self.write(SessionFeedback(session_id=session.session_id, helpful=session.last_helpful))
        if chance.happens(0.1):
            yield chance.around(12)
            weights = (3, 4, 9, 34, 50) if session.last_helpful is not False else (40, 35, 20, 4, 1)
            session.last_score = chance.choices(range(1, 6), weights)[0]
            self.write(
                SessionRating(
                    session_id=session.session_id,
                    score=session.last_score,
                    rated="human" if has_human else "ai",
                    comment_length=round(chance.around(40)) if chance.happens(0.3) else None,
                )
            )

    def close(self, *, is_resolved: bool) -> Process:
        """The session ends, with what the product claims about it; a few just stop."""
        session, chance = self.session, self.chance
        if chance.happens(0.015):
            return
        end_reason: Literal["completed", "timeout", "user_left"] = "completed"
        if not is_resolved:
            end_reason = "user_left"
        if chance.happens(0.25):
            end_reason = "timeout"
        yield _IDLE_SECONDS if end_reason == "timeout" else chance.around(20, 0.8)
        resolved_by: Literal["ai", "human", "none"] = "human" if session.agent_ids else "ai"
        if not is_resolved:
            resolved_by = "none"
        if chance.happens(0.03):
            resolved_by = "none" if resolved_by == "ai" else "ai"
        session.ended_at = self.world.now
        self.write(
            SessionEnd(
                session_id=session.session_id,
                duration_seconds=claimed(session.ended_at - session.started_at, chance, 3),
                message_count=claimed_count(session.turn_count, chance),
                resolved_by=resolved_by,
                end_reason=end_reason,
            )
        )
        if chance.happens(0.003):
            self.world.write_unknown(
                "ai_chatbot", "session.summary", {"session_id": session.session_id, "topic_count": 1}
            )

    def _message(self, role: Literal["user", "ai"], length: int) -> SessionMessage:
        number = self.session.user_turn_count + self.session.ai_turn_count
        return SessionMessage(
            session_id=self.session.session_id,
            role=role,
            message_length=max(1, length),
            message_id=f"{self.session.session_id}-{number}",
        )
