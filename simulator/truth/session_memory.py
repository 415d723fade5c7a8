"""What is seen of one session, sorted by what it was."""

from collections.abc import Iterable
from typing import TypeVar

from ..world.happenings import (
    AgentTurn,
    Call,
    Ending,
    Escalation,
    Feedback,
    Happening,
    Intent,
    Opening,
    Query,
    Rating,
    Routing,
    Takeover,
    TokenUse,
    Turn,
)
from ..world.session import Session
from .view import View

#: Silence after which a session is over without having ended, in seconds.
TIMEOUT = 120 * 60.0
#: Kinds of which the chatbot says that a session exists.
_OF_THE_CHATBOT = (Opening, Turn, Intent, Feedback, Rating, Escalation, Ending)

H = TypeVar("H", bound=Happening)


class SessionMemory:
    """What is seen of a session, each kind in the order of the view.

    of_chatbot: what the chatbot said of it, without which there is no session. answers: turns of the AI that are no
    fallback. failures: errors of the AI's service, and workflows and tools that failed. agent_steps: takeovers and
    messages of agents. last_failure_after_answer: the last failure with no answer after it.
    """

    def __init__(self, session: Session, view: View) -> None:
        self.all = view.seen(session.history)
        self.view = view
        self.of_chatbot = [happening for happening in self.all if isinstance(happening, _OF_THE_CHATBOT)]
        self.openings = _of(Opening, self.all)
        self.turns = _of(Turn, self.all)
        self.user_turns = [turn for turn in self.turns if turn.role == "user"]
        self.ai_turns = [turn for turn in self.turns if turn.role == "ai"]
        self.answers = [turn for turn in self.ai_turns if not turn.is_fallback]
        self.intents = _of(Intent, self.all)
        self.routings = _of(Routing, self.all)
        self.queries = _of(Query, self.all)
        self.calls = _of(Call, self.all)
        self.failures = [call for call in self.calls if not call.is_successful]
        self.token_uses = _of(TokenUse, self.all)
        self.feedbacks = _of(Feedback, self.all)
        self.ratings = _of(Rating, self.all)
        # A score of the human who took over says nothing about the AI.
        self.ai_ratings = [rating for rating in self.ratings if rating.rated != "human"]
        self.escalations = _of(Escalation, self.all)
        self.takeovers = _of(Takeover, self.all)
        self.agent_turns = _of(AgentTurn, self.all)
        self.agent_steps = [step for step in self.all if isinstance(step, (Takeover, AgentTurn))]
        self.endings = _of(Ending, self.all)
        self.is_test = session.is_test and bool(self.openings)

    def at(self, happening: Happening) -> float:
        """When something seems to have happened."""
        return self.view.at(happening.trace)

    @property
    def last_event_at(self) -> float:
        """The last that is seen of the conversation."""
        return self.at(self.all[-1])

    @property
    def is_open(self) -> bool:
        """Not ended, and not silent for as long as the timeout; exactly at the timeout it is over."""
        return not self.endings and self.view.as_of - self.last_event_at < TIMEOUT

    @property
    def first_said(self) -> Happening:
        """The opening; where it is not seen, the first that the chatbot said of the session."""
        return self.openings[0] if self.openings else self.of_chatbot[0]

    @property
    def last_failure_after_answer(self) -> Call | None:
        """The last failure, if it came after the last answer."""
        if not self.failures:
            return None
        order, failure = self.view.order, self.failures[-1]
        is_last = all(order(answer.trace) < order(failure.trace) for answer in self.answers)
        return failure if is_last else None


def _of(kind: type[H], happenings: Iterable[Happening]) -> list[H]:
    return [happening for happening in happenings if isinstance(happening, kind)]
