"""The book of the customer hub: threads, their messages, statuses and triggers, and what is to be done at "now".

``fct_threads``: threads with a seen message, as of the instant of the truth; what happened to them is told by
:mod:`~simulator.truth.thread_history`, their status by :mod:`~simulator.truth.thread_status`, the score of their
messages by :mod:`~simulator.truth.message_score`. ``unknown_pool`` and ``today_todo`` are told of the same threads.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..world.settings import Settings
from ..world.thread import Thread, Trigger
from ..world.world import World
from .book import Blank
from .contacts import Contacts
from .exact import ratio, seconds_between
from .hub_days import HubDays
from .message_score import bucket, score, trigger_type
from .table import Row, Table, write_table
from .thread_history import ThreadHistory
from .thread_status import ThreadMemory
from .view import View


class ThreadBook(Blank):
    """Writes the tables of threads while they end, those of contacts, days and what is to be done at last."""

    def __init__(self, folder: Path, settings: Settings, view: View) -> None:
        self._folder = folder
        self._view = view
        self._threads = Table(folder / "fct_threads.csv")
        self._messages = Table(folder / "fct_hub_messages.csv")
        self._statuses = Table(folder / "fct_thread_statuses.csv")
        self._triggers = Table(folder / "fct_hub_triggers.csv")
        self._pool: list[Row] = []
        self._due: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._contacts = Contacts(folder, view)
        self._days = HubDays(folder, settings, view)

    def thread_over(self, world: World, thread: Thread) -> None:
        """Write its rows; without a seen message there are only its triggers and its contact."""
        history = ThreadHistory(ThreadMemory(thread, self._view), thread.contact, self._view, world.tenant)
        key = {"tenant_id": world.tenant.tenant_id, "thread_id": thread.thread_id}
        row = self._row(key, thread, history) if history.memory.messages else None
        self._contacts.take(world.tenant, thread.contact, row)
        for trigger in thread.triggers:
            self._trigger(world, key, trigger, history if row else None)
        if row is not None:
            self._days.take_thread(world.tenant, history)
            self._threads.add(row)
            self._add_messages(world, key, thread, history)
            before = None
            for stretch in history.stretches:
                ends = {"ended_at": stretch.ended_at, "status": stretch.status, "status_before": before}
                self._statuses.add({**key, "event_id": stretch.event_id, "began_at": stretch.began_at, **ends})
                before = stretch.status
            self._note(row)

    def close(self) -> None:
        """Close all tables."""
        for table in (self._threads, self._messages, self._statuses, self._triggers):
            table.close()
        write_table(self._folder / "unknown_pool.csv", self._pool)
        write_table(self._folder / "today_todo.csv", self._todo())
        self._contacts.close()
        for tenant, promoted_at in self._contacts.promotions():
            self._days.take_promotion(tenant, promoted_at)
        self._days.close()

    def _row(self, key: dict[str, Any], thread: Thread, history: ThreadHistory) -> dict[str, Any]:
        memory, view = history.memory, self._view
        state = memory.state(view.as_of)
        if state is None:
            raise TypeError("a thread with a message has a status")
        replies = [wait.reply_seconds for wait in history.waits if wait.reply_seconds is not None]
        total = sum(replies, Decimal(0)) if replies else None
        return {
            **key,
            "contact_id": thread.contact.contact_id,
            "last_event_id": memory.items[-1].trace.event_id,
            "first_message_at": view.at(memory.messages[0].trace),
            "last_message_at": state.last_message_at,
            "status_since_at": history.stretches[-1].began_at,
            "waiting_since_at": next((wait.began_at for wait in history.waits if wait.ended_at is None), None),
            "sla_at": state.sla_at,
            "follow_up_at": state.follow_up_at,
            "gray_at": history.first_score_of("GRAY", "WHITE"),
            "white_at": history.first_score_of("WHITE"),
            "promoted_at": history.promoted_at,
            "blocked_at": history.blocked_at,
            "status": state.status,
            "bucket": history.bucket(view.as_of),
            "last_speaker": state.last_speaker,
            "is_promoted": history.promoted_at is not None,
            "is_blocked": history.blocked_at is not None,
            "messages_count": len(memory.messages),
            "their_messages_count": sum(message.speaker == "them" for message in memory.messages),
            "best_score": history.best_score,
            "replies_count": len(replies),
            "first_reply_seconds": replies[0] if replies else None,
            "reply_seconds_total": total,
            "avg_reply_seconds": ratio(total, len(replies)),
        }

    def _add_messages(self, world: World, key: dict[str, Any], thread: Thread, history: ThreadHistory) -> None:
        for message in history.memory.messages:
            at = self._view.at(message.trace)
            is_theirs = message.speaker == "them"
            points = score(message, world.tenant.local_date(at)) if is_theirs else None
            self._messages.add(
                {
                    **key,
                    "event_id": message.trace.event_id,
                    "contact_id": thread.contact.contact_id,
                    "message_date": world.tenant.local_date(at),
                    "sent_at": at,
                    "speaker": message.speaker,
                    "bucket": None if points is None else bucket(points),
                    "trigger_type": trigger_type(message) if is_theirs else None,
                    "message_length": message.length,
                    "score": points,
                }
            )

    def _trigger(self, world: World, key: dict[str, Any], trigger: Trigger, history: ThreadHistory | None) -> None:
        is_fired = self._view.sees(trigger.fired)
        fired_at = self._view.at(trigger.fired) if is_fired else None
        used = trigger.used if trigger.used is not None and self._view.sees(trigger.used) else None
        used_at = None if used is None else self._view.at(used)
        seen_at = used_at if fired_at is None else fired_at
        if seen_at is None:
            return
        is_counted = history is not None and history.counts(seen_at)
        self._triggers.add(
            {
                **key,
                "trigger_id": trigger.trigger_id,
                "fired_event_id": trigger.fired.event_id if is_fired else None,
                "used_event_id": None if used is None else used.event_id,
                "fired_at": fired_at,
                "used_at": used_at,
                "trigger_type": trigger.trigger_type if is_fired else None,
                "is_counted": is_counted,
                "is_used": used is not None,
                "fields_filled": trigger.fields_filled if is_fired else None,
            }
        )
        if is_counted and is_fired:
            self._days.take_trigger(world.tenant, trigger.trigger_type, fired_at, used_at)

    def _note(self, row: dict[str, Any]) -> None:
        """Keep what is in the unknown pool or to be done at "now"."""
        some = {name: row[name] for name in ("tenant_id", "thread_id", "contact_id", "status", "last_message_at")}
        some["best_score"] = row["best_score"]
        if row["bucket"] == "GRAY" and row["waiting_since_at"] is not None:
            entered_at = max(row["waiting_since_at"], row["gray_at"])
            seconds = seconds_between(entered_at, self._view.as_of)
            self._pool.append({**some, "entered_pool_at": entered_at, "seconds_in_pool": seconds})
        if row["bucket"] != "BLACK" and row["status"] in {"NEED_REPLY", "OVERDUE"}:
            due_at = row["follow_up_at"] if row["sla_at"] is None else row["sla_at"]
            more = {"due_at": due_at, "bucket": row["bucket"], "last_speaker": row["last_speaker"]}
            self._due[row["tenant_id"]].append(some | more)

    def _todo(self) -> Iterator[Row]:
        for due in self._due.values():
            due.sort(key=lambda row: (row["status"] != "OVERDUE", row["due_at"], row["thread_id"]))
            for number, row in enumerate(due, start=1):
                yield row | {"urgency_rank": number}
