"""In whose hands a session is: gone through from its first happening to its last.

A takeover puts it there. It leaves them with what comes first: their own release or transfer, the session's end, a
silence as long as the timeout, or another takeover. What another agent releases was not in his or her hands.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..world.happenings import Ending, Happening, Release, Takeover, Transfer
from ..world.session import Session
from .session_memory import TIMEOUT
from .view import View


@dataclass(slots=True)
class Moment:
    """A happening of a session, or (``happening`` is None) the begin of a silence, with who has the session by then.

    at: in seconds since the epoch. holder: None while it is in nobody's hands; of a step that takes it out of them,
    whose they were. is_letting_go: whether it is such a step.
    """

    happening: Happening | None
    at: float
    holder: str | None
    is_letting_go: bool


def moments(session: Session, view: View) -> Iterator[Moment]:
    """What is seen of a session, in its order; a silence begins with the last that was seen before it."""
    seen = view.seen(session.history)
    holder: str | None = None
    for number, happening in enumerate(seen):
        at = view.at(happening.trace)
        is_letting_go = holder is not None and _lets_go(happening, holder)
        yield Moment(happening, at, holder, is_letting_go)
        if is_letting_go:
            holder = None
        if isinstance(happening, Takeover):
            holder = happening.agent_id
        next_at = view.at(seen[number + 1].trace) if number + 1 < len(seen) else view.as_of
        if next_at - at >= TIMEOUT:
            yield Moment(None, at, holder, holder is not None)
            holder = None


def _lets_go(happening: Happening, holder: str) -> bool:
    if isinstance(happening, (Release, Transfer)):
        return happening.agent_id == holder
    return isinstance(happening, (Ending, Takeover))
