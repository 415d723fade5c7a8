"""The book of the customer hub: threads, the scores of their messages, and their status at given instants.

``thread_statuses``: every 6 hours from the start of the tenant's window to its end, and at the instant of the truth;
the rules are those of :mod:`~simulator.truth.thread_status`.

``hub_messages``: every seen message; the score is that of :mod:`~simulator.truth.message_score`.

``fct_threads``: threads with a seen message, as of the instant of the truth. A reply is our first message after theirs;
its time is counted from the first of theirs since we last wrote or marked the thread as resolved or waiting, which
settles what they wrote before. The bucket is white where the contact was promoted, else black where it was blocked,
else that of the highest score so far; black where they wrote nothing.
"""

from decimal import Decimal
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from ..world.settings import Settings
from ..world.tenant import HOUR
from ..world.thread import Contact, Mark, Thread
from ..world.world import World
from .book import Blank
from .exact import ratio, seconds_between
from .message_score import Bucket, bucket, score, trigger_type
from .table import Table
from .thread_status import ThreadMemory, ThreadState
from .view import View

_STEP_SECONDS = 6 * HOUR


class ThreadBook(Blank):
    """Writes ``fct_threads``, ``hub_messages`` and ``thread_statuses`` while threads end."""

    def __init__(self, folder: Path, settings: Settings, view: View) -> None:  # noqa: ARG002 - as all books
        self._view = view
        self._threads = Table(folder / "fct_threads.csv")
        self._messages = Table(folder / "hub_messages.csv")
        self._statuses = Table(folder / "thread_statuses.csv")

    def thread_over(self, world: World, thread: Thread) -> None:
        """Write its rows, where a message of it is seen."""
        memory = ThreadMemory(thread, self._view)
        state = memory.state(self._view.as_of)
        if state is None:
            return
        key = {"tenant_id": world.tenant.tenant_id, "thread_id": thread.thread_id}
        for at in self._instants(world):
            then = memory.state(at)
            if then is not None:
                self._statuses.add({**key, "observed_at": at, **_state(then)})
        best = self._score(world, memory, key)
        facts = {"contact_id": thread.contact.contact_id, **_replies(memory, self._view), **self._triggers(thread)}
        self._threads.add({**key, **facts, **self._standing(thread.contact, best), **_state(state)})

    def close(self) -> None:
        """Close all tables."""
        self._threads.close()
        self._messages.close()
        self._statuses.close()

    def _instants(self, world: World) -> list[float]:
        last = min(world.ends_at, self._view.as_of)
        steps = takewhile(lambda at: at <= last, (world.begins_at + number * _STEP_SECONDS for number in count()))
        return sorted({*steps, self._view.as_of})

    def _score(self, world: World, memory: ThreadMemory, key: dict[str, Any]) -> int | None:
        """Write the messages; the result is the highest score."""
        best: int | None = None
        for message in memory.messages:
            at = self._view.at(message.trace)
            is_theirs = message.speaker == "them"
            points = score(message, world.tenant.local_date(at)) if is_theirs else None
            self._messages.add(
                {
                    **key,
                    "event_id": message.trace.event_id,
                    "sent_at": at,
                    "speaker": message.speaker,
                    "score": points,
                    "bucket": None if points is None else bucket(points),
                    "trigger_type": trigger_type(message) if is_theirs else None,
                }
            )
            best = points if best is None else max(best, points or 0)
        return best

    def _triggers(self, thread: Thread) -> dict[str, Any]:
        fired = [trigger for trigger in thread.triggers if self._view.sees(trigger.fired)]
        used = [trigger for trigger in thread.triggers if trigger.used is not None and self._view.sees(trigger.used)]
        return {"fired_triggers_count": len(fired), "used_triggers_count": len(used)}

    def _standing(self, contact: Contact, best: int | None) -> dict[str, Any]:
        is_promoted = contact.promoted is not None and self._view.sees(contact.promoted)
        is_blocked = contact.blocked is not None and self._view.sees(contact.blocked)
        stands: Bucket = "WHITE" if is_promoted else "BLACK" if is_blocked else bucket(best or 0)
        return {"is_promoted": is_promoted, "is_blocked": is_blocked, "best_score": best, "bucket": stands}


def _state(state: ThreadState) -> dict[str, Any]:
    return {
        "status": state.status,
        "last_speaker": state.last_speaker,
        "last_message_at": state.last_message_at,
        "sla_at": state.sla_at,
        "follow_up_at": state.follow_up_at,
    }


def _replies(memory: ThreadMemory, view: View) -> dict[str, Any]:
    replies: list[Decimal] = []
    waits_since: float | None = None
    for item in memory.items:
        at = view.at(item.trace)
        if isinstance(item, Mark):
            waits_since = waits_since if item.kind == "snoozed" else None
        elif item.speaker == "them":
            waits_since = at if waits_since is None else waits_since
        elif waits_since is not None:
            replies.append(seconds_between(waits_since, at))
            waits_since = None
    total = sum(replies, Decimal(0)) if replies else None
    return {
        "first_message_at": view.at(memory.messages[0].trace),
        "messages_count": len(memory.messages),
        "their_messages_count": sum(message.speaker == "them" for message in memory.messages),
        "replies_count": len(replies),
        "first_reply_seconds": replies[0] if replies else None,
        "reply_seconds_total": total,
        "avg_reply_seconds": ratio(total, len(replies)),
    }
