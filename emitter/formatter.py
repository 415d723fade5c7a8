"""The formatter: an event or a log record becomes one line of the event contract."""

import logging
import time
from collections.abc import Callable, Mapping
from copy import copy
from itertools import count
from typing import Any

from msgspec.structs import asdict
from pythonjsonlogger.core import RESERVED_ATTRS, BaseJsonFormatter

from ._bodies import body, named, shadowed, treated
from ._entry import Entry, event_id_of
from ._envelope import clock_json, origin_json, remembered_origin_json, source_json, timestamp_json
from ._masking import Mask, masked_by
from ._short import Body, short_body, with_texts
from ._strict import require_loadable
from ._uuid7 import RANDOM_BITS, seed_by_system, system_seeded_bits, uuid7, uuid7_of
from .context import current, left_out
from .events import Event, event_name

#: Attributes of a log record: the ``extra`` of an :class:`EventLogger`, so that no key can clash; the tenant of a call
#: of ``emit``; the list that a handler puts the event_id into once the line is accepted.
FIELDS_ATTRIBUTE = "event_fields"
TENANT_ATTRIBUTE = "event_tenant_id"
RECEIPT_ATTRIBUTE = "event_receipt"

_RESERVED = frozenset({*RESERVED_ATTRS, FIELDS_ATTRIBUTE, TENANT_ATTRIBUTE, RECEIPT_ATTRIBUTE})
#: Years 1 to 9999, in seconds since the epoch.
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_800
#: What a field takes in memory, about, beside its text.
_FIELD_BYTES = 64
#: Values that nobody can change after the call.
_FIXED = frozenset({str, int, float, bool, type(None)})


class EventFormatter(BaseJsonFormatter):
    """Writes records as event lines: envelope first, then the event's fields, flat, strict JSON.

    product: name written into every line, e.g. ``ai_chatbot``.
    tenant_id: used where neither the call nor the context gives one.
    capture_text: keep ``text`` fields (masked); off, they are dropped.
    mask: called with each free text after e-mail addresses, phone and card-like numbers were masked in it; what it
        returns is written. It may be called by any thread.
    clock: seconds since the epoch, for ids and timestamps; by default the record's own creation time.
    random_bits: called with a number of bits, the randomness of ids.
    strict: raise :class:`~emitter.EventError` for what the loader would reject.

    One formatter is one ``emitter_id``: ``seq`` counts the events that it takes, from 0 and without gaps. A line that
    cannot be written leaves a gap, so the loss is visible. ``event_id`` is that of the newest line of ``format``.
    """

    def __init__(
        self,
        product: str,
        *,
        tenant_id: str = "default",
        capture_text: bool = False,
        mask: Mask | None = None,
        clock: Callable[[], float] | None = None,
        random_bits: Callable[[int], int] = system_seeded_bits,
        strict: bool = False,
    ) -> None:
        super().__init__([], reserved_attrs=sorted(_RESERVED))
        self._product = product
        self._tenant_id = tenant_id
        self._capture_text = capture_text
        self._mask = masked_by(mask)
        self._clock = clock
        self._random_bits = random_bits
        self._is_strict = strict
        # One that adds fields of its own looks at records.
        self._is_plain = type(self) is EventFormatter
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
        # Counts in one step, so that threads need no lock.
        self._next_seq = count().__next__

    def derived(self, *, strict: bool, tenant_id: str | None, capture_text: bool | None) -> "EventFormatter":
        """Another emitter of the same product, alike but for what is given."""
        other = copy(self)
        other._is_strict = strict
        other._tenant_id = self._tenant_id if tenant_id is None else tenant_id
        other._capture_text = self._capture_text if capture_text is None else capture_text
        other.restart()
        return other

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON, without the newline."""
        entry = self.take_record(record)
        line = self.line(entry)
        self.event_id = event_id_of(entry)
        return line.decode()

    def format_event(
        self, event: object, logger: str, tenant_id: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> bytes:
        """The line that a logger's ``info`` writes of the event, without a record where none is needed.

        logger: the logger's name; tenant_id: of this event, before that in ``extra``.
        """
        return self.line(self.take_event(event, logger, tenant_id, extra))

    def take_event(
        self, event: object, logger: str, tenant_id: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> Entry:
        """All that the line of :meth:`format_event` needs to know."""
        # Taken first: an event that cannot be taken down is a lost line, too, and leaves its gap.
        seq = self._next_seq()
        context = current()
        taken = short_body(event, extra, context, captures=self._capture_text) if self._is_plain else None
        if taken is None:
            record = logging.LogRecord(logger, logging.INFO, "", 0, event, (), None)
            record.__dict__ |= {FIELDS_ATTRIBUTE: extra, TENANT_ATTRIBUTE: tenant_id}
            return self._take_in_full(record, seq)
        if context is not None:
            tenant_id = tenant_id or context.get("tenant_id")
        now = self._clock() if self._clock else time.time()
        source = source_json(logging.getLevelName(logging.INFO), logger)
        return self._taken_short(seq, now, tenant_id, source, taken)

    def take_record(self, record: logging.LogRecord) -> Entry:
        """All that the line of a record needs to know."""
        seq = self._next_seq()
        attributes = record.__dict__
        context = current()
        taken = None
        # Nobody else adds to it: no call, filter, record factory or subclass.
        if self._is_plain and attributes.keys() <= _RESERVED and not (record.args or record.exc_info):
            extra = attributes.get(FIELDS_ATTRIBUTE)
            taken = short_body(record.msg, extra, context, captures=self._capture_text)
        if taken is None:
            return self._take_in_full(record, seq)
        tenant_id = attributes.get(TENANT_ATTRIBUTE)
        if context is not None:
            tenant_id = tenant_id or context.get("tenant_id")
        now = self._clock() if self._clock else record.created
        return self._taken_short(seq, now, tenant_id, source_json(record.levelname, record.name), taken)

    def _taken_short(self, seq: int, now: float, tenant_id: object, source: str, taken: Body) -> Entry:
        encoded, end, texts = taken
        size = len(encoded)
        for _, text in texts:
            size += len(text)
        entry = Entry(seq, now, self._random_bits(RANDOM_BITS), tenant_id, source, size, encoded, end, texts)
        return self._checked(entry) if self._is_strict or self._clock else entry

    def line(self, entry: Entry) -> bytes:
        """The line of an entry, without the newline: the one place where the envelope goes in behind the name."""
        written_at = timestamp_json(entry.timestamp) if entry.timestamp else clock_json(entry.now)
        event_id = uuid7_of(entry.now, entry.bits)
        tenant = entry.tenant_id or self._tenant_id
        origin = (remembered_origin_json if type(tenant) is str else origin_json)(
            self._product, tenant, self._emitter_id
        )
        if entry.body is None:
            event, end = self._body(entry.name, entry.fields or {})
        else:
            event, end = entry.body, entry.end
            if entry.texts:
                event = with_texts(event, entry.texts, self._mask)
        envelope = f',"event_id":"{event_id}","timestamp":{written_at}{origin}{entry.seq}{entry.source}'
        return event[:end] + envelope.encode() + event[end:]

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """The fields beside the envelope: the event's own, then ``extra``."""
        super().add_fields(log_data, record, message_dict)
        log_data.update(getattr(record, FIELDS_ATTRIBUTE, None) or {})
        tenant_id = getattr(record, TENANT_ATTRIBUTE, None)
        if tenant_id is not None:
            log_data["tenant_id"] = tenant_id

    def _take_in_full(self, record: logging.LogRecord, seq: int) -> Entry:
        """Take down any record, through python-json-logger and a look at every field."""
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
        added: dict[Any, Any] = {}
        self.add_fields(added, record, fields)
        context = current()
        if context is not None:
            added |= left_out(context, name, added)
            added["tenant_id"] = added.get("tenant_id") or context.get("tenant_id")
        now = self._clock() if self._clock else record.created
        timestamp = added.pop("timestamp", None)
        tenant_id = added.pop("tenant_id", None)
        source = source_json(record.levelname, record.name, shadowed(name))
        size = sum(len(value) if type(value) is str else _FIELD_BYTES for value in added.values())
        size += _FIELD_BYTES * len(added)
        entry = Entry(
            seq, now, self._random_bits(RANDOM_BITS), tenant_id, source, size, None, 0, (), timestamp, name, added
        )
        if not all(type(value) in _FIXED for value in added.values()):
            # Lists, dicts and objects may be another thing by the time the line is made.
            entry.body, entry.end = self._body(name, added)
            entry.size, entry.fields = len(entry.body), None
        return self._checked(entry)

    def _body(self, name: str, fields: Mapping[Any, Any]) -> tuple[bytes, int]:
        return body(name, treated(name, fields, is_text_captured=self._capture_text, mask=self._mask))

    def _checked(self, entry: Entry) -> Entry:
        """The entry, looked at where the product asked for that; raises EventError."""
        if self._clock and not _EARLIEST <= entry.now < _LATEST:
            # A clock of one's own may say anything; it is the caller who learns.
            raise ValueError("the clock is outside of the calendar")
        if self._is_strict:
            require_loadable(self.line(entry))
        return entry
