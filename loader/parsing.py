"""Lines into rows of ``raw.events``, checked against the event contract. No files, no database."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from emitter.events import ENVELOPE_FIELDS, EVENTS, Envelope, Event

from .aliases import Alias
from .lines import Block, LongLine
from .rejection import LineRefusedError, Rejection, has_nul_escape, refusal_of

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_TOO_LATE = datetime(2100, 1, 1, tzinfo=UTC)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENVELOPE = msgspec.json.Decoder(Envelope)
_EVENTS: dict[str, msgspec.json.Decoder[Event]] = {
    name: msgspec.json.Decoder(event_class) for name, event_class in EVENTS.items()
}
_encode = msgspec.json.Encoder().encode
# A name of the envelope that is also a field of the event stays in the payload too: there it means something else.
_MOVED = {
    name: tuple(field for field in ENVELOPE_FIELDS if field not in event_class.__struct_fields__)
    for name, event_class in EVENTS.items()
}


class Row(NamedTuple):
    """One event as it goes into ``raw.events``; ``payload`` is JSON text that keeps every digit of the line."""

    number: int
    envelope: Envelope
    event_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of a block: every line is in exactly one of the lists."""

    rows: list[Row]
    rejections: list[Rejection]


class Parser:
    """Checks lines against the contract; ``aliases`` are older names of known events."""

    def __init__(self, aliases: Mapping[str, Alias] | None = None) -> None:
        self._aliases = dict(aliases or {})

    def parse(self, block: Block) -> Parsed:
        """Rows and rejections of a block. Raises nothing, whatever the bytes are."""
        rows: list[Row] = []
        rejections: list[Rejection] = []
        is_utf8 = _is_utf8(block.lines)
        for number, line in enumerate(block.lines, start=block.first_number):
            try:
                rows.append(self._row(number, line, is_utf8=is_utf8))
            except (LineRefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                refusal = refusal_of(line, error)
                rejections.append(Rejection(number, line, len(line), refusal.reason, refusal.detail))
        return Parsed(rows, rejections)

    def _row(self, number: int, line: bytes, *, is_utf8: bool) -> Row:
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not is_utf8:
            line.decode()
        try:
            fields = _FIELDS.decode(line)
        except msgspec.ValidationError:
            raise LineRefusedError("not_an_object", "the line is JSON, but not an object") from None
        except msgspec.DecodeError:
            if not line.strip():
                raise LineRefusedError("blank_line", "the line is empty") from None
            raise
        if b"\\u0000" in line and has_nul_escape(line):
            raise LineRefusedError("nul_character", "the line holds the escape of the character NUL")
        envelope = _ENVELOPE.decode(line)
        if not 2000 < envelope.timestamp.year < 2099:
            _check_time(envelope.timestamp)
        name = envelope.event
        decoder = _EVENTS.get(name)
        if decoder is not None:
            decoder.decode(line)
        elif name in self._aliases:
            self._check_alias(self._aliases[name], fields)
        for field in _MOVED.get(name, ENVELOPE_FIELDS):
            fields.pop(field, None)
        return Row(number, envelope, envelope.event_id or _derived_id(number, line), _encode(fields))

    @staticmethod
    def _check_alias(alias: Alias, fields: Mapping[str, msgspec.Raw]) -> None:
        decoder = _EVENTS.get(alias.event)
        if decoder is None:
            return
        renamed = {**fields, "event": msgspec.Raw(_encode(alias.event))}
        if alias.field:
            renamed[alias.field] = msgspec.Raw(_encode(alias.value))
        decoder.decode(_encode(renamed))


def reject_long(line: LongLine) -> Rejection:
    """The rejection of a line over the limit, with its beginning."""
    detail = f"{line.length} bytes, the limit is {len(line.start)}"
    return Rejection(line.number, line.start, line.length, "line_too_long", detail)


def _is_utf8(lines: list[bytes]) -> bool:
    """Whether all lines are; one check for a block costs a tenth of one per line. msgspec does not look into Raw."""
    try:
        b"\n".join(lines).decode()
    except UnicodeDecodeError:
        return False
    return True


def _check_time(timestamp: datetime) -> None:
    if not _EARLIEST <= timestamp < _TOO_LATE:
        raise LineRefusedError("bad_timestamp", "timestamp: before the year 2000 or after 2099")


def _derived_id(number: int, line: bytes) -> str:
    """An id for a line without one: the same whenever and however often the line is delivered."""
    content = b"%d:" % number + line.removesuffix(b"\r")
    return "derived-" + hashlib.blake2b(content, digest_size=16).hexdigest()
