"""An interrupt of LangGraph: what is asked for, and whether the answer allows it."""

import re
from typing import Any, Literal

#: Of what is asked for, only names are taken over; sentences may be about people.
_NAME = re.compile(r"[A-Za-z][\w.:-]{0,63}")
#: Where frameworks say what an interrupt is about: the plain dict, LangChain's agent inbox, its middleware.
_ACTIONS = ("action", "type", "name", "action_request", "action_requests")
_REFUSALS = frozenset({"reject", "rejected", "deny", "denied", "decline", "declined", "ignore", "cancel", "no", "n"})
_ANSWERS = ("type", "decision", "action", "answer", "approved", "accepted", "allow", "allowed", "decisions")

Decision = Literal["approved", "rejected"]


def action_of(value: Any) -> str | None:
    """The name of what an interrupt asks for; None where it gives none."""
    if isinstance(value, str):
        return value if _NAME.fullmatch(value) else None
    if isinstance(value, (list, tuple)):
        return action_of(value[0]) if value else None
    if isinstance(value, dict):
        return next((found for name in _ACTIONS if (found := action_of(value.get(name)))), None)
    return None


def decision_of(answer: Any) -> Decision:
    """What an answer amounts to: false, a word of refusal, or a structure with one refuses; anything else allows."""
    return "rejected" if _refuses(answer) else "approved"


def _refuses(answer: Any) -> bool:
    if isinstance(answer, str):
        return answer.strip().lower() in _REFUSALS
    if isinstance(answer, (list, tuple)):
        return any(_refuses(part) for part in answer)
    if isinstance(answer, dict):
        return any(_refuses(answer[name]) for name in _ANSWERS if name in answer)
    return answer is False
