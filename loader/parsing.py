"""Lines into rows of ``raw.events``, checked against the event contract. No files, no database."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from emitter.events import ENVELOPE_FIELDS, KNOWN_EVENTS, Envelope, Event
from emitter.events.envelope import UNSAFE_FIELD

from .aliases import Alias
from .copytext import Constants, copy_text, needs_escapes, row_text
from .layout import NOTHING, Layout, Taken
from .lines import Block, LongLine
from .rejection import TOO_DEEP, LineRefusedError, Rejection, has_nul_escape, is_json, is_too_deep, refusal_of

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_TOO_LATE = datetime(2100, 1, 1, tzinfo=UTC)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENVELOPE = msgspec.json.Decoder(Envelope)
_NAMES = msgspec.json.Decoder(list[str])
_EVENTS: dict[str, msgspec.json.Decoder[Event]] = {
    name: msgspec.json.Decoder(event_class) for name, event_class in KNOWN_EVENTS.items()
}
_encode = msgspec.json.Encoder().encode
# A name of the envelope that is also a field of the event stays in the payload too: there it means something else.
_MOVED = {
    name: tuple(field for field in ENVELOPE_FIELDS if field not in event_class.__struct_fields__)
    for name, event_class in KNOWN_EVENTS.items()
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of a block: every line is one row or one rejection.

    rows: line number and text of each row, the text as :func:`~loader.copytext.row_text` makes it.
    """

    rows: list[tuple[int, str]]
    rejections: list[Rejection]


class Checked(NamedTuple):
    """What became of a block, as :class:`Parsed`, with most rows in one piece. ``one_by_one``: the others."""

    taken: Taken
    one_by_one: list[tuple[int, str]]
    rejections: list[Rejection]

    @property
    def rows_count(self) -> int:
        """How many rows there are."""
        return len(self.taken.numbers) + len(self.one_by_one)

    def copy_text(self, constants: Constants) -> bytes:
        """The rows for COPY; those that were looked at one by one come last."""
        return self.taken.copy_text(constants) + copy_text([text for _, text in self.one_by_one], constants)


class Parser:
    """Checks lines against the contract; ``aliases`` are older names of known events."""

    def __init__(self, aliases: Mapping[str, Alias] | None = None) -> None:
        self._aliases = dict(aliases or {})
        self._layout = Layout()

    def check(self, block: Block) -> Checked:
        """The same rows and rejections as of :meth:`parse`, in a fraction of the time. Raises nothing either."""
        taken = self._layout.take(block)
        if not taken.left:
            return Checked(taken, [], [])
        lines = block.lines
        parsed = self._parse([(number, lines[number - block.first_number]) for number in taken.left])
        return Checked(taken, parsed.rows, parsed.rejections)

    def parse(self, block: Block) -> Parsed:
        """Rows and rejections of a block, line by line. Raises nothing, whatever the bytes are."""
        return self._parse(enumerate(block.lines, start=block.first_number))

    def _parse(self, numbered_lines: Iterable[tuple[int, bytes]]) -> Parsed:
        rows: list[tuple[int, str]] = []
        rejections: list[Rejection] = []
        for number, line in numbered_lines:
            try:
                if b"\\u0000" in line or not line.isascii():
                    _check_bytes(line)
                rows.append((number, self._row(number, line, escape=needs_escapes(line))))
            except (LineRefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                refusal = refusal_of(line, error)
                rejections.append(Rejection(number, line, len(line), refusal.reason, refusal.detail))
        return Parsed(rows, rejections)

    def _row(self, number: int, line: bytes, *, escape: bool) -> str:
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        try:
            fields = _FIELDS.decode(line)
        except msgspec.ValidationError:
            raise LineRefusedError("not_an_object", "the line is JSON, but not an object") from None
        except msgspec.DecodeError:
            if not line.strip():
                raise LineRefusedError("blank_line", "the line is empty") from None
            raise
        if is_too_deep(line):
            raise LineRefusedError("too_deep", TOO_DEEP)
        if UNSAFE_FIELD in fields:
            _refuse_unsafe(fields)
        envelope = _ENVELOPE.decode(line)
        if not 2000 < envelope.timestamp.year < 2099:
            _check_time(envelope.timestamp)
        name = envelope.event
        decoder = _EVENTS.get(name)
        if decoder is not None:
            decoder.decode(line)
        elif name in self._aliases:
            self._check_alias(self._aliases[name], fields)
        timestamp = bytes(fields["timestamp"])
        for field in _MOVED.get(name, ENVELOPE_FIELDS):
            fields.pop(field, None)
        event_id = envelope.event_id or _derived_id(number, line)
        return row_text(number, envelope, event_id, timestamp, _encode(fields), escape=escape)

    @staticmethod
    def _check_alias(alias: Alias, fields: Mapping[str, msgspec.Raw]) -> None:
        decoder = _EVENTS.get(alias.event)
        if decoder is None:
            return
        renamed = {**fields, "event": msgspec.Raw(_encode(alias.event))}
        if alias.field:
            renamed[alias.field] = msgspec.Raw(_encode(alias.value))
        decoder.decode(_encode(renamed))


def rejected_long(line: LongLine) -> Checked:
    """A line over the limit: its rejection, with its beginning."""
    detail = f"{line.length} bytes, the limit is {len(line.start)}"
    return Checked(NOTHING, [], [Rejection(line.number, line.start, line.length, "line_too_long", detail)])


def _check_bytes(line: bytes) -> None:
    """What msgspec does not see, because it does not look into Raw."""
    line.decode()
    if has_nul_escape(line) and is_json(line):
        raise LineRefusedError("nul_character", "the line holds the escape of the character NUL")


def _refuse_unsafe(fields: Mapping[str, msgspec.Raw]) -> None:
    """The emitter could not write the values of the fields that are named here as they were: they are made up."""
    try:
        named = _NAMES.decode(fields[UNSAFE_FIELD])
    except msgspec.DecodeError:
        named = []
    # A line of somebody else may hold anything there, and a detail holds no value of a line.
    names = [name for name in named if name in fields and name.isidentifier()] or [UNSAFE_FIELD]
    raise LineRefusedError("invalid_value", f"{', '.join(names[:9])}: the emitter could not write the value as it was")


def _check_time(timestamp: datetime) -> None:
    if not _EARLIEST <= timestamp < _TOO_LATE:
        raise LineRefusedError("bad_timestamp", "timestamp: before the year 2000 or after 2099")


def _derived_id(number: int, line: bytes) -> str:
    """An id for a line without one: the same whenever and however often the line is delivered."""
    content = b"%d:" % number + line.removesuffix(b"\r")
    return "derived-" + hashlib.blake2b(content, digest_size=16).hexdigest()
