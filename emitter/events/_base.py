"""What every event class shares: the base class, the registry, and the field types of the contract."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import FieldInfo, fields

# 18 digits fit every engine's 64-bit integer; a longer one breaks the contract instead of a model.
_INTEGER_MAX = 10**18 - 1

# Far more than any id needs; a page of text in its place would fit no index.
_ID_LENGTH_MAX = 200

Id = Annotated[str, Meta(min_length=1, max_length=_ID_LENGTH_MAX)]
Integer = Annotated[int, Meta(ge=-_INTEGER_MAX, le=_INTEGER_MAX)]
Count = Annotated[int, Meta(ge=0, le=_INTEGER_MAX)]
Seconds = Annotated[float, Meta(ge=0)]
Percentage = Annotated[float, Meta(ge=0, le=100)]
Instant = Annotated[datetime, Meta(tz=True)]

#: Personal by contract: staging passes it on as a keyed hash only.
PersonalId = Annotated[str, Meta(min_length=1, extra={"personal": "hashed"})]
#: Free text that may hold personal data: the emitter masks e-mail, phone and card-like numbers before it is written.
FreeText = Annotated[str, Meta(extra={"personal": "masked"})]
#: Message text: dropped by the emitter unless text capture is switched on, and masked then.
CapturedText = Annotated[str, Meta(extra={"personal": "captured"})]

AgentStatus = Literal["online", "busy", "away", "break", "offline"]
TicketPriority = Literal["low", "normal", "high", "urgent"]
TicketStatus = Literal["new", "open", "pending", "on_hold", "solved", "closed"]


class Event(Struct, kw_only=True, omit_defaults=True, tag_field="event"):
    """Base of all event classes: keyword-only; absent optional fields are not written.

    A subclass names its event as ``tag``; its docstring says when the event happens.
    """


def event_name(event_class: type[Event]) -> str:
    """The dotted name under which ``event_class`` is written, e.g. ``session.start``."""
    return str(event_class.__struct_config__.tag)


def event_classes() -> Iterator[type[Event]]:
    """All event classes, in the order of their definition."""
    yield from Event.__subclasses__()


def personal_handling(field: FieldInfo) -> Literal["hashed", "masked", "captured"] | None:
    """How a field's personal data is treated, or None where the contract calls it not personal."""
    for metadata in _annotations(field.type):
        if metadata.extra and "personal" in metadata.extra:
            handling: Literal["hashed", "masked", "captured"] = metadata.extra["personal"]
            return handling
    return None


def personal_fields(event_class: type[Event]) -> dict[str, str]:
    """Personal field names of a class and how each is treated."""
    return {field.name: handling for field in fields(event_class) if (handling := personal_handling(field)) is not None}


def _annotations(annotation: Any) -> Iterator[Meta]:
    """Every ``Meta`` inside an annotation, through ``X | None``."""
    yield from getattr(annotation, "__metadata__", ())
    for inner in getattr(annotation, "__args__", ()):
        yield from _annotations(inner)
