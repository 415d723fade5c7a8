"""Business contacts and the chat threads with them, in the customer hub."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from emitter import (
    HubContactBlocked,
    HubContactCreated,
    HubContactPromoted,
    HubMessage,
    HubThreadResolved,
    HubThreadSnoozed,
    HubThreadWaiting,
    HubTriggerFired,
    HubTriggerUsed,
)

from .trace import Trace

if TYPE_CHECKING:
    from .world import World

TriggerType = Literal["pre_sales", "after_sales", "bizdev"]


@dataclass(slots=True)
class Message:
    """Somebody wrote: we (``me``) or they; with the signals that the score is made of."""

    trace: Trace
    speaker: Literal["me", "them"]
    file_types: tuple[str, ...] = ()
    keyword_hits: tuple[str, ...] = ()
    is_in_knowledge_base: bool = False
    length: int = 60


@dataclass(slots=True)
class Mark:
    """A person marked the thread; a snooze has its end, in seconds since the epoch."""

    trace: Trace
    kind: Literal["resolved", "waiting", "snoozed"]
    until: float | None = None


@dataclass(slots=True)
class Trigger:
    """A suggestion that the hub made, and whether it was used."""

    trigger_id: str
    trigger_type: TriggerType
    fired: Trace
    used: Trace | None = None
    fields_filled: int | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """What a contact became."""

    k_code: str
    region: str | None
    level: str | None


class Contact:
    """A business contact."""

    def __init__(self, world: "World", contact_id: str) -> None:
        self.contact_id = contact_id
        self.source: str | None = None
        self.created: Trace | None = None
        self.promoted: Trace | None = None
        self.promotion: Promotion | None = None
        self.blocked: Trace | None = None
        self._world = world

    def come(self, source: str | None = None) -> None:
        """The contact is entered."""
        self.source = source
        self.created = self._world.write(HubContactCreated(contact_id=self.contact_id, source=source))

    def promote(self, k_code: str, region: str | None = None, level: str | None = None) -> None:
        """The contact becomes a coded customer."""
        event = HubContactPromoted(contact_id=self.contact_id, k_code=k_code, region=region, level=level)
        self.promotion = Promotion(k_code, region, level)
        self.promoted = self._world.write(event)

    def block(self) -> None:
        """The contact is blocked."""
        self.blocked = self._world.write(HubContactBlocked(contact_id=self.contact_id))


class Thread:
    """A chat with a contact. ``messages``, ``marks`` and ``triggers`` are in the order of the world's time."""

    def __init__(self, world: "World", thread_id: str, contact: Contact) -> None:
        self.thread_id = thread_id
        self.contact = contact
        self.messages: list[Message] = []
        self.marks: list[Mark] = []
        self.triggers: list[Trigger] = []
        self._world = world

    def say(
        self,
        speaker: Literal["me", "them"],
        length: int = 60,
        *,
        file_types: Sequence[str] = (),
        keyword_hits: Sequence[str] = (),
        kb_matched: bool = False,
        topic: str | None = None,
    ) -> None:
        """One side writes."""
        event = HubMessage(
            thread_id=self.thread_id,
            contact_id=self.contact.contact_id,
            speaker=speaker,
            message_length=length,
            file_types=list(file_types) or None,
            keyword_hits=list(keyword_hits) or None,
            kb_matched=kb_matched or None,
            topic=topic,
        )
        self.messages.append(
            Message(self._world.write(event), speaker, tuple(file_types), tuple(keyword_hits), kb_matched, length)
        )

    def resolve(self) -> None:
        """It is marked as resolved."""
        self.marks.append(Mark(self._world.write(HubThreadResolved(thread_id=self.thread_id)), "resolved"))

    def await_answer(self) -> None:
        """It is marked as waiting for them."""
        self.marks.append(Mark(self._world.write(HubThreadWaiting(thread_id=self.thread_id)), "waiting"))

    def snooze(self, until: float) -> None:
        """It is put aside until an instant."""
        event = HubThreadSnoozed(thread_id=self.thread_id, until=datetime.fromtimestamp(until, UTC))
        self.marks.append(Mark(self._world.write(event), "snoozed", until))

    def fire(self, trigger_id: str, trigger_type: TriggerType, fields_filled: int | None = None) -> None:
        """The hub suggests something."""
        event = HubTriggerFired(
            thread_id=self.thread_id, trigger_id=trigger_id, trigger_type=trigger_type, fields_filled=fields_filled
        )
        self.triggers.append(Trigger(trigger_id, trigger_type, self._world.write(event), fields_filled=fields_filled))

    def use(self, trigger_id: str) -> None:
        """Somebody uses a suggestion."""
        trace = self._world.write(HubTriggerUsed(trigger_id=trigger_id, thread_id=self.thread_id))
        for trigger in self.triggers:
            if trigger.trigger_id == trigger_id:
                trigger.used = trace
