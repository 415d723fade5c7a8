"""The one outcome of a session, by the eleven rules of the outcome ledger."""

from collections.abc import Callable
from typing import NamedTuple

from ..world.happenings import AgentTurn, Call, Happening
from .session_memory import SessionMemory

#: Of the rules below: goes up with every change of them.
RULE_VERSION = 1
#: What the AI brought to an end.
RESOLVED = frozenset({"confirmed_resolved", "assumed_resolved"})
#: Ratings of at most the first are a rejection, of at least the second a confirmation.
_LOW_RATING = 2
_HIGH_RATING = 4


class Outcome(NamedTuple):
    """An outcome, the branch of its rule, and what proves it."""

    outcome: str
    reason: str
    evidence: Happening


Rule = Callable[[SessionMemory], Outcome | None]


def outcome_of(memory: SessionMemory) -> Outcome:
    """The outcome of a session that the chatbot knows of: that of the first rule that matches."""
    return next(outcome for rule in _RULES if (outcome := rule(memory)) is not None)


def _invalid(memory: SessionMemory) -> Outcome | None:
    if memory.is_test:
        return Outcome("invalid", "test_session", memory.first_said)
    return None if memory.user_turns else Outcome("invalid", "no_user_turn", memory.first_said)


def _open(memory: SessionMemory) -> Outcome | None:
    return Outcome("open", "still_active", memory.all[-1]) if memory.is_open else None


def _escalated(memory: SessionMemory) -> Outcome | None:
    if not memory.escalations:
        return None
    if memory.agent_steps:
        return _joined("escalated_to_human", memory)
    is_accepted = any(escalation.is_accepted for escalation in memory.escalations)
    return Outcome("escalation_failed", "no_agent_joined" if is_accepted else "rejected", memory.escalations[0])


def _human_takeover(memory: SessionMemory) -> Outcome | None:
    return _joined("human_takeover", memory) if memory.agent_steps else None


def _joined(outcome: str, memory: SessionMemory) -> Outcome:
    step = memory.agent_steps[0]
    return Outcome(outcome, "agent_wrote" if isinstance(step, AgentTurn) else "agent_took_over", step)


def _without_answer(memory: SessionMemory) -> Outcome | None:
    if memory.answers:
        return None
    if memory.failures:
        return Outcome("blocked", _kind(memory.failures[-1]), memory.failures[-1])
    return Outcome("unanswered", "only_fallbacks" if memory.ai_turns else "no_ai_turn", memory.turns[-1])


def _judged(memory: SessionMemory) -> Outcome | None:
    if memory.feedbacks:
        # An explicit feedback silences the rating.
        feedback = memory.feedbacks[-1]
        if feedback.is_helpful:
            return Outcome("confirmed_resolved", "helpful", feedback)
        return Outcome("rejected", "not_helpful", feedback)
    for rating in memory.ai_ratings[-1:]:
        if rating.score <= _LOW_RATING:
            return Outcome("rejected", "low_rating", rating)
        if rating.score >= _HIGH_RATING:
            return Outcome("confirmed_resolved", "high_rating", rating)
    return None


def _abandoned(memory: SessionMemory) -> Outcome | None:
    last_turn = memory.turns[-1]
    if last_turn.role == "user":
        return Outcome("abandoned", "user_spoke_last", last_turn)
    if last_turn.is_fallback:
        return Outcome("abandoned", "fallback_came_last", last_turn)
    failure = memory.last_failure_after_answer
    return Outcome("abandoned", _kind(failure), failure) if failure else None


def _assumed_resolved(memory: SessionMemory) -> Outcome:
    return Outcome("assumed_resolved", "silence_after_answer", memory.answers[-1])


def _kind(failure: Call) -> str:
    return "api_error" if failure.what == "error" else "failed_call"


#: In the order of the ledger: rows 1, 2, 3 and 4, 5, 6 and 7, 8 and 9, 10, 11.
_RULES: tuple[Rule, ...] = (
    _invalid,
    _open,
    _escalated,
    _human_takeover,
    _without_answer,
    _judged,
    _abandoned,
    _assumed_resolved,
)
