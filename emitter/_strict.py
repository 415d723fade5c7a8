"""What the loader would say of a line, for development: the same classes, without the loader."""

import msgspec

from .errors import EventError
from .events import KNOWN_EVENTS, Envelope
from .events.envelope import UNSAFE_FIELD

_ENVELOPE = msgspec.json.Decoder(Envelope)
_EVENTS = {name: msgspec.json.Decoder(event_class) for name, event_class in KNOWN_EVENTS.items()}


def require_loadable(line: bytes) -> None:
    """Raise EventError for a line that breaks the contract. Events that the contract does not know are none of that."""
    fields = msgspec.json.decode(line)
    name = fields["event"]
    unsafe = fields.get(UNSAFE_FIELD)
    if unsafe:
        raise EventError(f"{name}: {', '.join(unsafe)}: JSON has no form for this value")
    try:
        _ENVELOPE.decode(line)
        if name in _EVENTS:
            _EVENTS[name].decode(line)
    except msgspec.ValidationError as error:
        # msgspec quotes the value of an enumeration, and nothing else of a line.
        message = str(error)
        what, _, place = message.partition(" - at `$.")
        if what.startswith("Invalid enum value"):
            what = "not one of the allowed values"
        place = place.rstrip("`")
        raise EventError(f"{name}: {place}: {what}" if place else f"{name}: {what}") from None
