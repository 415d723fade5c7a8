"""The status of a thread in the customer hub at an instant, first match wins.

1. An explicit mark after the last message holds until the next message: ``RESOLVED`` where it was marked resolved,
   ``WAITING_THEM`` where it was marked as waiting, however long; ``SNOOZED`` before the end of the snooze, at which the
   status is what it would be without any mark. Only the latest mark counts.
2. They spoke last: ``UNSEEN`` where we never wrote and at most 0 minutes have passed since their last message;
   ``OVERDUE`` where more than 30 minutes have passed; else ``NEED_REPLY``.
3. We spoke last: ``NEED_REPLY`` again where more than 48 hours have passed since our last message; else
   ``WAITING_THEM``.

The time that has passed is counted from the last message, also where they wrote several times without an answer. A
thread begins with its first seen message and has no status before.

``sla_at``: 30 minutes after their last message, from which on it is overdue; ``follow_up_at``: 48 hours after our last
message, from which on we are to write again. Both are null while a mark holds: nothing is due.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from ..world.tenant import HOUR, MINUTE
from ..world.thread import Mark, Message, Thread
from .view import View

UNSEEN_SECONDS = 0 * MINUTE
NEED_REPLY_SECONDS = 30 * MINUTE
FOLLOW_UP_SECONDS = 48 * HOUR

Status = Literal["RESOLVED", "SNOOZED", "UNSEEN", "NEED_REPLY", "OVERDUE", "WAITING_THEM"]


@dataclass(frozen=True, slots=True)
class ThreadState:
    """How a thread stands at an instant."""

    status: Status
    last_speaker: str
    last_message_at: float
    sla_at: float | None
    follow_up_at: float | None


class ThreadMemory:
    """What is seen of a thread, in the order of the view: messages and marks, and the messages alone."""

    def __init__(self, thread: Thread, view: View) -> None:
        items: list[Message | Mark] = [*thread.messages, *thread.marks]
        self.items = view.seen(items)
        self.messages = [item for item in self.items if isinstance(item, Message)]
        self._view = view
        self._instants = [view.at(item.trace) for item in self.items]

    def state(self, at: float) -> ThreadState | None:
        """How it stands at an instant; what is later is not known then. None before its first message."""
        past = self.items[: bisect_right(self._instants, at)]
        said = [number for number, item in enumerate(past) if isinstance(item, Message)]
        if not said:
            return None
        last = past[said[-1]]
        if not isinstance(last, Message):
            raise TypeError("the last message of a thread is a message")
        last_at = self._view.at(last.trace)
        mark = past[-1] if isinstance(past[-1], Mark) else None
        held = _marked(mark, at)
        if held is not None:
            return ThreadState(held, last.speaker, last_at, None, None)
        if last.speaker == "me":
            is_due = at - last_at > FOLLOW_UP_SECONDS
            status: Status = "NEED_REPLY" if is_due else "WAITING_THEM"
            return ThreadState(status, "me", last_at, None, last_at + FOLLOW_UP_SECONDS)
        ours = [item for item in past if isinstance(item, Message) and item.speaker == "me"]
        status = _waiting(at - last_at, is_answered=bool(ours))
        return ThreadState(status, "them", last_at, last_at + NEED_REPLY_SECONDS, None)


def _marked(mark: Mark | None, at: float) -> Status | None:
    """What the latest mark says, if it still says something."""
    if mark is None:
        return None
    if mark.kind == "snoozed":
        return "SNOOZED" if mark.until is not None and at < mark.until else None
    return "RESOLVED" if mark.kind == "resolved" else "WAITING_THEM"


def _waiting(seconds: float, *, is_answered: bool) -> Status:
    """They spoke last, so many seconds ago."""
    if not is_answered and seconds <= UNSEEN_SECONDS:
        return "UNSEEN"
    return "OVERDUE" if seconds > NEED_REPLY_SECONDS else "NEED_REPLY"
