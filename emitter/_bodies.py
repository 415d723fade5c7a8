"""What a line says beside the envelope, as JSON: the event's name and its fields, free text masked or dropped."""

import re
from collections.abc import Mapping
from typing import Any

from ._encoding import encode, encode_fields, encoder, key_text
from ._masking import Mask
from .events import ENVELOPE_FIELDS, KNOWN_EVENTS, personal_fields
from .events.envelope import UNSAFE_FIELD

#: The caller may set these through ``extra``; the rest of the envelope is the emitter's.
SETTABLE = frozenset({"timestamp", "tenant_id"})
FORBIDDEN = frozenset({*ENVELOPE_FIELDS, UNSAFE_FIELD}) - SETTABLE
_PERSONAL = {name: personal_fields(event_class) for name, event_class in KNOWN_EVENTS.items()}
_FREE = ("captured", "masked")
#: Treated so wherever they stand, also on events that the contract does not know and under older names.
_PERSONAL_ANYWHERE = {"text": "captured", "error_message": "masked", "message": "masked"}
#: Envelope fields whose names an event uses for a field of its own, as `hub.contact_promoted` does with `level`: the
#: event's meaning wins, and what the logging library would say there is left out.
_SHADOWED = {name: FORBIDDEN.intersection(event_class.__struct_fields__) for name, event_class in KNOWN_EVENTS.items()}
#: Fields whose every character counts: keys and names of the contract, not free text.
_EXACT = {
    name: frozenset(event_class.__struct_fields__)
    - {field for field, how in _PERSONAL[name].items() if how != "hashed"}
    for name, event_class in KNOWN_EVENTS.items()
}
EVENT_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_NONE: frozenset[str] = frozenset()


def name_end(name: str) -> int:
    """The length of ``{"event":"<name>"``."""
    return len(encoder.encode({"event": name})) - 1


def free_text(name: str) -> dict[str, bool]:
    """Fields of free text of an event of this name, in the order of a line; True for those that are captured."""
    handling = _PERSONAL_ANYWHERE | _PERSONAL.get(name, {})
    return {field: how == "captured" for field, how in sorted(handling.items()) if how in _FREE}


def named(message: str) -> tuple[str, dict[str, Any]]:
    """Event name and fields of a message: a dotted name is the event, any other text a `log.message`."""
    if EVENT_NAME.fullmatch(message):
        return message, {}
    return "log.message", {"message": message}


def shadowed(name: str) -> frozenset[str]:
    """Envelope fields that an event of this name replaces by its own."""
    return _SHADOWED.get(name, _NONE)


def treated(name: str, fields: Mapping[Any, Any], *, is_text_captured: bool, mask: Mask) -> dict[str, Any]:
    """``fields`` without captured text unless it is switched on, and with free text masked, behind the others.

    A field that bears the name of the emitter's part of the envelope is kept as ``field_<name>``.
    """
    handling = _PERSONAL.get(name, {})
    forbidden = FORBIDDEN - shadowed(name)
    kept: dict[str, Any] = {}
    texts: dict[str, str | None] = {}
    for key, value in fields.items():
        field = key if isinstance(key, str) else key_text(key)
        treatment = handling.get(field) or _PERSONAL_ANYWHERE.get(field)
        if treatment == "captured" and not is_text_captured:
            continue
        if treatment in _FREE:
            texts[field] = None if value is None else _masked(value, mask)
        else:
            kept[f"field_{field}" if field in forbidden else field] = value
    return {**kept, **dict(sorted(texts.items()))}


def body(name: str, kept: Mapping[str, Any]) -> tuple[bytes, int]:
    """JSON of an event's name and its treated fields, and the end of the name.

    Fields whose value could not be written as it was are named in ``emitter_unsafe``, so that the loader rejects the
    line: a made-up value must not pass for a real one. A repaired character in free text, or in a field that the
    contract does not know, is none of these.
    """
    encoded, changes = encode_fields({"event": name, **kept})
    exact = _EXACT.get(name, _NONE)
    unsafe = [field for field, change in changes.items() if change == "value" or field in exact]
    if unsafe:
        encoded = b'%s,"%s":%s}' % (encoded[:-1], UNSAFE_FIELD.encode(), encoder.encode(unsafe))
    return encoded, name_end(name)


def _masked(value: Any, mask: Mask) -> str:
    """Free text without personal data; a structure in its place, such as an error's body, as masked JSON text."""
    return mask(value if isinstance(value, str) else encode(value).decode())
