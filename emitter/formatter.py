"""The formatter: a log record becomes one line of the event contract, through python-json-logger."""

import logging
import random
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict
from pythonjsonlogger.core import RESERVED_ATTRS, BaseJsonFormatter

from ._encoding import encode
from ._masking import mask
from ._uuid7 import uuid7
from .events import ENVELOPE_FIELDS, EVENTS, SCHEMA_VERSION, Event, event_name, personal_fields

#: Attribute of a log record that holds the ``extra`` of an :class:`EventLogger`, so that no key can clash.
FIELDS_ATTRIBUTE = "event_fields"

_PERSONAL = {name: personal_fields(event_class) for name, event_class in EVENTS.items()}
#: The caller may set these through ``extra``; the rest of the envelope is the emitter's.
_SETTABLE = frozenset({"timestamp", "tenant_id"})
_SYSTEM_RANDOM = random.SystemRandom()
_EVENT_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_FORBIDDEN = frozenset(ENVELOPE_FIELDS) - _SETTABLE
#: Envelope fields whose names an event uses for a field of its own, as `hub.contact_promoted` does with `level`: the
#: event's meaning wins, and what the logging library would say there is left out.
_SHADOWED = {name: _FORBIDDEN.intersection(event_class.__struct_fields__) for name, event_class in EVENTS.items()}
_NONE: frozenset[str] = frozenset()
#: Treated so wherever they stand, also on events that the contract does not know and under older names.
_PERSONAL_ANYWHERE = {"text": "captured", "error_message": "masked", "message": "masked"}


class EventFormatter(BaseJsonFormatter):
    """Writes records as event lines: envelope first, then the event's fields, flat, strict JSON.

    product: name written into every line, e.g. ``ai_chatbot``.
    tenant_id: used where the call gives none in ``extra``.
    capture_text: keep ``text`` fields (masked); off, they are dropped.
    clock: seconds since the epoch, for ids and timestamps; by default the record's own creation time.
    random_bits: called with a number of bits, the randomness of ids.

    One formatter is one ``emitter_id``: ``seq`` counts the lines that it formats, from 0 and without gaps. The
    handler calls it under its own lock. A line that cannot be written leaves a gap, so the loss is visible.
    """

    def __init__(
        self,
        product: str,
        *,
        tenant_id: str = "default",
        capture_text: bool = False,
        clock: Callable[[], float] | None = None,
        random_bits: Callable[[int], int] = _SYSTEM_RANDOM.getrandbits,
    ) -> None:
        super().__init__([], reserved_attrs=[*RESERVED_ATTRS, FIELDS_ATTRIBUTE])
        self._product = product
        self._tenant_id = tenant_id
        self._capture_text = capture_text
        self._clock = clock
        self._random_bits = random_bits
        self.restart()

    def restart(self) -> None:
        """A new ``emitter_id`` and ``seq`` from 0: at process start, and in the child after a fork."""
        now = self._clock() if self._clock else time.time()
        self._emitter_id = str(uuid7(now, self._random_bits))
        self._seq = 0

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON, without the newline."""
        # Taken first: a record that cannot be formatted is a lost line, too, and leaves its gap.
        seq, self._seq = self._seq, self._seq + 1
        event = record.msg
        if isinstance(event, Event):
            # Every optional field of the contract is null by default. Values stay as they are, also wrong ones:
            # typed and plain calls go the same way, and the loader judges them.
            fields = {field: value for field, value in asdict(event).items() if value is not None}
            name = event_name(type(event))
        else:
            name, fields = _named(record.getMessage())
        if record.exc_info:
            fields["exception_type"] = getattr(record.exc_info[0], "__qualname__", None)
        line: dict[str, Any] = {}
        self.add_fields(line, record, fields)
        return self.jsonify_log_record(self._enveloped(name, record, seq, line))

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """The fields beside the envelope: the event's own, then ``extra``."""
        super().add_fields(log_data, record, message_dict)
        log_data.update(getattr(record, FIELDS_ATTRIBUTE, None) or {})

    def jsonify_log_record(self, log_data: Mapping[str, Any]) -> str:
        return encode(dict(log_data)).decode()

    def _enveloped(self, name: str, record: logging.LogRecord, seq: int, fields: dict[str, Any]) -> dict[str, Any]:
        now = self._clock() if self._clock else record.created
        timestamp = fields.pop("timestamp", None) or datetime.fromtimestamp(now, UTC)
        line = {
            "event": name,
            "event_id": str(uuid7(now, self._random_bits)),
            "timestamp": _utc_microseconds(timestamp),
            "product": self._product,
            "tenant_id": fields.pop("tenant_id", None) or self._tenant_id,
            "schema_version": SCHEMA_VERSION,
            "emitter_id": self._emitter_id,
            "seq": seq,
            "level": record.levelname,
            "logger": record.name,
        }
        for field in _SHADOWED.get(name, _NONE):
            del line[field]
        return line | self._private(name, fields)

    def _private(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """``fields`` without captured text unless it is switched on, and with free text masked.

        A field that bears the name of the emitter's part of the envelope is kept as ``field_<name>``.
        """
        handling = _PERSONAL.get(name, {})
        forbidden = _FORBIDDEN - _SHADOWED[name] if _SHADOWED.get(name) else _FORBIDDEN
        kept: dict[str, Any] = {}
        for field, value in fields.items():
            treatment = handling.get(field) or _PERSONAL_ANYWHERE.get(field)
            if treatment == "captured" and not self._capture_text:
                continue
            is_free_text = treatment in ("captured", "masked") and value is not None
            kept[f"field_{field}" if field in forbidden else field] = _masked(value) if is_free_text else value
        return kept


def _masked(value: Any) -> str:
    """Free text without personal data; a structure in its place, such as an error's body, as masked JSON text."""
    return mask(value if isinstance(value, str) else encode(value).decode())


def _named(message: str) -> tuple[str, dict[str, Any]]:
    """Event name and fields of a message: a dotted name is the event, any other text a `log.message`."""
    if _EVENT_NAME.fullmatch(message):
        return message, {}
    return "log.message", {"message": message}


def _utc_microseconds(timestamp: object) -> object:
    """An aware datetime as UTC with microseconds; anything else as it is, for the loader to judge."""
    if isinstance(timestamp, datetime) and timestamp.tzinfo is not None:
        return timestamp.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return timestamp
