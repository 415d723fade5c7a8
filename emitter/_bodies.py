"""What a line says beside the envelope, as JSON: the event's name and its fields, free text masked or dropped."""

import re
from collections.abc import Mapping
from typing import Any

from ._encoding import FAILURES, encode, encode_fields, encoder, is_suspicious, key_text
from ._masking import Mask
from .events import ENVELOPE_FIELDS, KNOWN_EVENTS, personal_fields
from .events.envelope import UNSAFE_FIELD

#: The caller may set these through ``extra``; the rest of the envelope is the emitter's.
_SETTABLE = frozenset({"timestamp", "tenant_id"})
_FORBIDDEN = frozenset({*ENVELOPE_FIELDS, UNSAFE_FIELD}) - _SETTABLE
_PERSONAL = {name: personal_fields(event_class) for name, event_class in KNOWN_EVENTS.items()}
#: Treated so wherever they stand, also on events that the contract does not know and under older names.
_PERSONAL_ANYWHERE = {"text": "captured", "error_message": "masked", "message": "masked"}
#: Envelope fields whose names an event uses for a field of its own, as `hub.contact_promoted` does with `level`: the
#: event's meaning wins, and what the logging library would say there is left out.
_SHADOWED = {name: _FORBIDDEN.intersection(event_class.__struct_fields__) for name, event_class in KNOWN_EVENTS.items()}
#: Fields whose every character counts: keys and names of the contract, not free text.
_EXACT = {
    name: frozenset(event_class.__struct_fields__)
    - {field for field, how in _PERSONAL[name].items() if how != "hashed"}
    for name, event_class in KNOWN_EVENTS.items()
}
_EVENT_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_NONE: frozenset[str] = frozenset()
_encode = encoder.encode
#: A byte, as a number, is found five times as fast as a word.
_BACKSLASH, _N, _I = b"\\NI"


def name_end(name: str) -> int:
    """The length of ``{"event":"<name>"``."""
    return len(encode({"event": name})) - 1


def _free_text(name: str) -> tuple[str, ...]:
    handling = _PERSONAL_ANYWHERE | _PERSONAL[name]
    return tuple(
        field for field in KNOWN_EVENTS[name].__struct_fields__ if handling.get(field) in ("masked", "captured")
    )


#: Of each class whose struct, encoded as it stands, is the body: where its name ends, and its fields of free text.
_AS_IT_STANDS: dict[type, tuple[int, tuple[str, ...]]] = {
    event_class: (name_end(name), _free_text(name)) for name, event_class in KNOWN_EVENTS.items() if not _SHADOWED[name]
}


def body_as_it_stands(event: Any) -> tuple[bytes, int] | None:
    """JSON of a contract event and the end of its name; None where a field must be looked at first.

    This is the common case, and in it equal to what :func:`treated` leads to, at a tenth of the cost.
    """
    known = _AS_IT_STANDS.get(type(event))
    if known is None:
        return None
    for field in known[1]:
        if getattr(event, field) is not None:
            return None
    try:
        encoded = _encode(event)
    except FAILURES:
        return None
    # In a line, a field that is none is left out. Most lines hold none of the bytes that suspects begin with.
    if encoded.find(b"null") >= 0 or (
        (_BACKSLASH in encoded or _N in encoded or _I in encoded) and is_suspicious(encoded)
    ):
        return None
    return encoded, known[0]


def named(message: str) -> tuple[str, dict[str, Any]]:
    """Event name and fields of a message: a dotted name is the event, any other text a `log.message`."""
    if _EVENT_NAME.fullmatch(message):
        return message, {}
    return "log.message", {"message": message}


def shadowed(name: str) -> frozenset[str]:
    """Envelope fields that an event of this name replaces by its own."""
    return _SHADOWED.get(name, _NONE)


def treated(name: str, fields: Mapping[Any, Any], *, is_text_captured: bool, mask: Mask) -> dict[str, Any]:
    """``fields`` without captured text unless it is switched on, and with free text masked.

    A field that bears the name of the emitter's part of the envelope is kept as ``field_<name>``.
    """
    handling = _PERSONAL.get(name, {})
    forbidden = _FORBIDDEN - shadowed(name)
    kept: dict[str, Any] = {}
    for key, value in fields.items():
        field = key if isinstance(key, str) else key_text(key)
        treatment = handling.get(field) or _PERSONAL_ANYWHERE.get(field)
        if treatment == "captured" and not is_text_captured:
            continue
        is_free_text = treatment in ("captured", "masked") and value is not None
        kept[f"field_{field}" if field in forbidden else field] = _masked(value, mask) if is_free_text else value
    return kept


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
