"""The formatter: an event or a log record becomes one line of the event contract."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import asdict
from pythonjsonlogger.core import RESERVED_ATTRS, BaseJsonFormatter

from ._bodies import body_as_it_stands, name_end, named, shadowed, treated
from ._encoding import encode
from ._envelope import clock_json, origin_json, remembered_origin_json, source_json, timestamp_json
from ._uuid7 import seed_by_system, system_seeded_bits, uuid7
from .events import Event, event_name

#: Attributes of a log record: the ``extra`` of an :class:`EventLogger`, so that no key can clash; the tenant of a call
#: of ``emit``; the list that a handler puts the event_id into once the line is written.
FIELDS_ATTRIBUTE = "event_fields"
TENANT_ATTRIBUTE = "event_tenant_id"
RECEIPT_ATTRIBUTE = "event_receipt"

_RESERVED = frozenset({*RESERVED_ATTRS, FIELDS_ATTRIBUTE, TENANT_ATTRIBUTE, RECEIPT_ATTRIBUTE})


class EventFormatter(BaseJsonFormatter):
    """Writes records as event lines: envelope first, then the event's fields, flat, strict JSON.

    product: name written into every line, e.g. ``ai_chatbot``.
    tenant_id: used where the call gives none in ``extra``.
    capture_text: keep ``text`` fields (masked); off, they are dropped.
    clock: seconds since the epoch, for ids and timestamps; by default the record's own creation time.
    random_bits: called with a number of bits, the randomness of ids.

    One formatter is one ``emitter_id``: ``seq`` counts the lines that it formats, from 0 and without gaps. The
    handler calls it under its own lock, and so may read ``event_id``, that of the newest line. A line that cannot be
    written leaves a gap, so the loss is visible.
    """

    def __init__(
        self,
        product: str,
        *,
        tenant_id: str = "default",
        capture_text: bool = False,
        clock: Callable[[], float] | None = None,
        random_bits: Callable[[int], int] = system_seeded_bits,
    ) -> None:
        super().__init__([], reserved_attrs=sorted(_RESERVED))
        self._product = product
        self._tenant_id = tenant_id
        self._capture_text = capture_text
        self._clock = clock
        self._random_bits = random_bits
        self.restart()

    @property
    def emitter_id(self) -> str:
        """The ``emitter_id`` of the lines since the last start."""
        return self._emitter_id

    def restart(self) -> None:
        """A new ``emitter_id`` and ``seq`` from 0: at process start, and in the child after a fork."""
        # Servers in other languages fork without telling Python, which then has not seeded anew.
        seed_by_system()
        now = self._clock() if self._clock else time.time()
        self._emitter_id = uuid7(now, self._random_bits)
        self.event_id = ""
        self._seq = 0

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON, without the newline."""
        seq = self._next_seq()
        body = body_as_it_stands(record.msg) if self._is_bare(record) else None
        if body is None:
            return self._in_full(record, seq).decode()
        now = self._clock() if self._clock else record.created
        return self._line(body, seq, now, None, source_json(record.levelname, record.name)).decode()

    def format_event(
        self, event: object, logger: str, tenant_id: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> bytes:
        """The line that a logger's ``info`` writes of the event, without a record where none is needed.

        logger: the logger's name; tenant_id: of this event, before that in ``extra``.
        """
        seq = self._next_seq()
        body = None if extra else body_as_it_stands(event)
        if body is None:
            record = logging.LogRecord(logger, logging.INFO, "", 0, event, (), None)
            record.__dict__ |= {FIELDS_ATTRIBUTE: extra, TENANT_ATTRIBUTE: tenant_id}
            return self._in_full(record, seq)
        now = self._clock() if self._clock else time.time()
        return self._line(body, seq, now, tenant_id, source_json(logging.getLevelName(logging.INFO), logger))

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """The fields beside the envelope: the event's own, then ``extra``."""
        super().add_fields(log_data, record, message_dict)
        log_data.update(getattr(record, FIELDS_ATTRIBUTE, None) or {})
        tenant_id = getattr(record, TENANT_ATTRIBUTE, None)
        if tenant_id is not None:
            log_data["tenant_id"] = tenant_id

    def _next_seq(self) -> int:
        # Taken first: a record that cannot be formatted is a lost line, too, and leaves its gap.
        seq, self._seq = self._seq, self._seq + 1
        return seq

    def _is_bare(self, record: logging.LogRecord) -> bool:
        """Whether the event alone makes the line: no call, filter, record factory or subclass adds to it."""
        attributes = record.__dict__
        return (
            not (attributes.get(FIELDS_ATTRIBUTE) or attributes.get(TENANT_ATTRIBUTE) or record.exc_info)
            and attributes.keys() <= _RESERVED
            and type(self) is EventFormatter
        )

    def _in_full(self, record: logging.LogRecord, seq: int) -> bytes:
        """The line of any record, through python-json-logger and a look at every field."""
        event = record.msg
        if isinstance(event, Event):
            # Every optional field of the contract is null by default. Values stay as they are, also wrong ones:
            # typed and plain calls go the same way, and the loader judges them.
            fields = {field: value for field, value in asdict(event).items() if value is not None}
            name = event_name(type(event))
        else:
            name, fields = named(record.getMessage())
        if record.exc_info:
            fields["exception_type"] = getattr(record.exc_info[0], "__qualname__", None)
        added: dict[str, Any] = {}
        self.add_fields(added, record, fields)
        now = self._clock() if self._clock else record.created
        timestamp = added.pop("timestamp", None)
        tenant_id = added.pop("tenant_id", None)
        body = {"event": name} | treated(name, added, is_text_captured=self._capture_text)
        return self._line(
            (encode(body), name_end(name)),
            seq,
            now,
            tenant_id,
            source_json(record.levelname, record.name, shadowed(name)),
            timestamp=timestamp,
        )

    def _line(
        self,
        body: tuple[bytes, int],
        seq: int,
        now: float,
        tenant_id: object,
        source: str,
        *,
        timestamp: object = None,
    ) -> bytes:
        """The one place where a line is put together: the envelope goes in behind the event's name."""
        written_at = timestamp_json(timestamp) if timestamp else clock_json(now)
        self.event_id = event_id = uuid7(now, self._random_bits)
        tenant = tenant_id or self._tenant_id
        origin = (remembered_origin_json if type(tenant) is str else origin_json)(
            self._product, tenant, self._emitter_id
        )
        event, end = body
        envelope = f',"event_id":"{event_id}","timestamp":{written_at}{origin}{seq}{source}'
        return event[:end] + envelope.encode() + event[end:]
