"""A chat: how customer and AI behave in a session, from the first message to the last."""

from typing import Literal

from ..world.agenda import Process
from ..world.chance import Chance, Choice
from ..world.session import EndReason, Session
from ..world.tenant import MINUTE
from ..world.words import Words, phrase
from ..world.world import World
from .claims import claimed, claimed_count

_USER_AGENTS = {
    "web": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
    "app": "SupportApp/5.2 (iOS 19)",
    "wechat": "MicroMessenger/8.0 (Android 16)",
}
_IDLE_SECONDS = 30 * MINUTE
_SCORES = Choice({1: 3, 2: 4, 3: 9, 4: 34, 5: 50})
_SCORES_OF_THE_UNHAPPY = Choice({1: 40, 2: 35, 3: 20, 4: 4, 5: 1})
#: Releases ahead of the contract write a field, or an event, that it does not know.
_UNKNOWN_SHARE = 0.003


class Chat:
    """A session with its own stream of chance."""

    def __init__(self, world: World, session: Session, chance: Chance) -> None:
        self.world = world
        self.session = session
        self.chance = chance
        #: The AI's service failed, and nobody has said anything since.
        self.is_broken = False
        #: An agent has closed the window, and nobody ends the session.
        self.is_forgotten = False

    def open(self) -> None:
        """The customer comes in."""
        is_ahead = "unknown" in self.world.settings.faults and self.chance.happens(_UNKNOWN_SHARE)
        self.session.open(_USER_AGENTS[self.session.channel], {"referrer": "newsletter"} if is_ahead else None)

    def user_turn(self) -> None:
        """The customer writes."""
        self.is_broken = False
        self.session.user_turn(length=1 + int(self.chance.around(28, 0.7)), words=self.words("user"))

    def ai_turn(self, response_time_ms: int, *, is_fallback: bool = False) -> None:
        """The AI answers."""
        self.is_broken = False
        length = 1 + int(self.chance.around(46 if is_fallback else 140))
        self.session.ai_turn(response_time_ms, is_fallback=is_fallback, length=length, words=self.words("ai"))

    def words(self, speaker: str) -> Words | None:
        """What somebody says next, where texts are captured. Without chance: all else is as it was without words."""
        return phrase(speaker, self.session.turn_count) if self.world.tenant.captures_text else None

    def judge(self) -> Process:
        """The customer may say whether it helped, and may give a score."""
        session, chance = self.session, self.chance
        has_human = bool(session.agent_ids)
        if chance.happens(0.15):
            yield chance.around(9)
            session.give_feedback(helpful=chance.happens(0.84 if has_human or not session.is_escalated else 0.2))
        if chance.happens(0.1):
            yield chance.around(12)
            session.rate(
                chance.pick(_SCORES if session.last_helpful is not False else _SCORES_OF_THE_UNHAPPY),
                # A few mistake the one for the other.
                rated="human" if has_human != chance.happens(0.05) else "ai",
                comment_length=1 + int(chance.around(40)) if chance.happens(0.3) else None,
            )

    def close(self, *, is_resolved: bool) -> Process:
        """The session ends, with what the product claims about it; a few just stop."""
        session, chance = self.session, self.chance
        if self.is_forgotten or chance.happens(0.015):
            return
        end_reason: EndReason = "completed" if is_resolved else "error" if self.is_broken else "user_left"
        if chance.happens(0.25):
            end_reason = "timeout"
        yield _IDLE_SECONDS if end_reason == "timeout" else chance.around(20, 0.8)
        resolved_by: Literal["ai", "human", "none"] = "human" if session.agent_ids else "ai"
        if not is_resolved:
            resolved_by = "none"
        if chance.happens(0.03):
            resolved_by = "none" if resolved_by == "ai" else "ai"
        session.end(
            duration_seconds=claimed(self.world.now - session.started_at, chance, 3),
            message_count=claimed_count(session.turn_count, chance),
            resolved_by=resolved_by,
            end_reason=end_reason,
        )
        if "unknown" in self.world.settings.faults and chance.happens(_UNKNOWN_SHARE):
            session.summarise()
