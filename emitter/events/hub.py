"""Customer hub (``product = customer_hub``): business chat threads, as derived signals; message text is never kept."""

from typing import Annotated, Literal

from msgspec import Meta

from ._base import Event, Id, Instant, Integer, PersonalId


class HubContactCreated(Event, tag="hub.contact_created"):
    """A new contact appeared."""

    contact_id: PersonalId
    source: str | None = None


class HubContactPromoted(Event, tag="hub.contact_promoted"):
    """The contact became a coded customer (bucket WHITE)."""

    contact_id: PersonalId
    k_code: str
    region: str | None = None
    level: str | None = None


class HubContactBlocked(Event, tag="hub.contact_blocked"):
    """The contact was blocked (bucket BLACK)."""

    contact_id: PersonalId


class HubMessage(Event, tag="hub.message"):
    """A message in a thread, as signals."""

    thread_id: Id
    contact_id: PersonalId
    speaker: Literal["me", "them"]
    message_length: Integer | None = None
    file_types: list[str] | None = None
    keyword_hits: list[str] | None = None
    kb_matched: bool | None = None
    topic: Annotated[str, Meta(max_length=200)] | None = None


class HubThreadSnoozed(Event, tag="hub.thread_snoozed"):
    """The thread sleeps until an instant."""

    thread_id: Id
    until: Instant


class HubThreadWaiting(Event, tag="hub.thread_waiting"):
    """The thread was marked "waiting for them"."""

    thread_id: Id


class HubThreadResolved(Event, tag="hub.thread_resolved"):
    """The thread was marked resolved."""

    thread_id: Id


class HubTriggerFired(Event, tag="hub.trigger_fired"):
    """A thread's content asked for a follow-up of some type."""

    thread_id: Id
    trigger_id: Id
    trigger_type: Literal["pre_sales", "after_sales", "bizdev"]
    fields_filled: Integer | None = None


class HubTriggerUsed(Event, tag="hub.trigger_used"):
    """Someone acted on a trigger."""

    trigger_id: Id
    thread_id: Id
