"""Whole blocks of lines into rows at once, for lines that are laid out as the emitter writes them.

A line at a time costs Python more than it costs the server to take the row. So one regular expression cuts all lines
of a block into the fields of the envelope and the rest, and one call of msgspec checks all that is left. Where this
way is not sure, it leaves the line to :mod:`~loader.parsing`; where it takes one, the row means what it would there.
"""

import re
from collections.abc import Sequence
from itertools import compress
from typing import Annotated, Any, NamedTuple, Union

import msgspec
from msgspec import Meta
from msgspec.structs import fields

from emitter.events import ENVELOPE_FIELDS, KNOWN_EVENTS, Envelope
from emitter.events.envelope import UNSAFE_FIELD

from .copytext import Constants, columns_text, row_end
from .lines import Block
from .rejection import MAX_DEPTH, is_utf8

# A name that no line can hold which comes here, so that no line can pretend to begin a second event.
_TAG = "\x7f"
_TAG_BYTE = _TAG.encode()
# Taken by no value: a name of the envelope that comes again behind the envelope is not for this way.
_Nothing = Annotated[str, Meta(min_length=1, max_length=0)]
# Bytes of what is remembered, and how many of them: files of foreign products may hold a new one on each line.
_REMEMBERED_BYTES = 500
_REMEMBERED = 2_000

_ENVELOPE = {field.name: field for field in fields(Envelope)}
# A name of the envelope that is also a field of the event needs a closer look.
_NAMES = [
    name for name, event_class in KNOWN_EVENTS.items() if not set(ENVELOPE_FIELDS) & set(event_class.__struct_fields__)
]


class Taken(NamedTuple):
    """Lines that are sure to be right, and the numbers of those that are left to be looked at one by one.

    numbers: of the lines that were taken. pieces: their columns in turn, with a place before and behind each line.
    """

    numbers: Sequence[int]
    pieces: list[bytes]
    left: list[int]

    def copy_text(self, constants: Constants) -> bytes:
        """The rows for COPY. Where a line began now stands the end of the row before and the line's number."""
        if not self.numbers:
            return b""
        end = row_end(constants)
        borders = f"{[*self.numbers]}"[1:-1].replace(", ", f",{end}") + f",{end}"
        self.pieces[_NUMBER::_WIDTH] = borders.encode().split(b",")
        return b"\t".join(self.pieces)


#: No lines.
NOTHING = Taken([], [], [])


def _body_class(name: str) -> type[msgspec.Struct]:
    """An event's own fields, under its name as the value of ``_TAG``."""
    return msgspec.defstruct(
        f"{KNOWN_EVENTS[name].__name__}Body",
        [(field, _Nothing, None) for field in (*ENVELOPE_FIELDS, UNSAFE_FIELD)],
        bases=(KNOWN_EVENTS[name],),
        kw_only=True,
        tag_field=_TAG,
        tag=name,
        gc=False,
    )


_BODIES: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Union[tuple(map(_body_class, _NAMES))])  # noqa: UP007
# The line break stands between values and means nothing to JSON.
_HEADS = {name.encode(): b'{"%s":"%s",\n' % (_TAG_BYTE, name.encode()) for name in _NAMES}


class _Column:
    """Values that differ from line to line: checked with one call, by the type of the envelope's field."""

    def __init__(self, name: str, quote: bytes) -> None:
        values: Any = list.__class_getitem__(_ENVELOPE[name].type)
        self._decode = msgspec.json.Decoder(values).decode
        self._start, self._between, self._end = b"[" + quote, quote + b"," + quote, quote + b"]"

    def odd(self, values: Sequence[bytes]) -> list[int]:
        """The indexes of values that break the contract."""
        if self._are_good(values):
            return []
        return [index for index, value in enumerate(values) if not self._are_good([value])]

    def _are_good(self, values: Sequence[bytes]) -> bool:
        text = self._between.join(values)
        if b"\\" in text:
            # COPY has other escapes than JSON, and the pattern may have taken an escaped quote for the end.
            return False
        try:
            return len(self._decode(self._start + text + self._end)) == len(values)
        except msgspec.DecodeError:
            return False


class _Part(dict[bytes, bytes]):
    """A part of the envelope that many lines have in common, and its columns for COPY; nothing for a broken one.

    end: comes behind the columns.
    """

    def __init__(self, *names: str, end: bytes = b"") -> None:
        super().__init__()
        self._end = end
        members = [
            (name, _ENVELOPE[name].type, *([] if _ENVELOPE[name].required else [_ENVELOPE[name].default]))
            for name in names
        ]
        self._decode = msgspec.json.Decoder(msgspec.defstruct("Part", members)).decode

    def __missing__(self, part: bytes) -> bytes:
        try:
            text = columns_text(msgspec.structs.astuple(self._decode(b"{%s}" % part.removeprefix(b","))))
        except msgspec.DecodeError:
            return b""
        text += self._end
        if len(part) <= _REMEMBERED_BYTES:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[part] = text
        return text


def _pattern(space: bytes) -> re.Pattern[bytes]:
    """A line in the emitter's order; ``space``: what stands behind commas and colons.

    A value is all up to the next quote, which takes half the time of leaving out backslashes and controls too: those
    who look at the values find them. Every piece is possessive, so that there is one way to match.
    """
    heads: dict[str, list[str]] = {}
    for name in _NAMES:
        head, _, tail = name.partition(".")
        heads.setdefault(head, []).append(re.escape(tail))
    names = "|".join(rf"{re.escape(head)}\.(?:{'|'.join(tails)})" for head, tails in heads.items()).encode()
    text, colon = b'"[^"]++"', b":" + space

    def pair(name: bytes, value: bytes) -> bytes:
        return b'"%s"%s%s' % (name, colon, value)

    def after(name: bytes, value: bytes) -> bytes:
        return b"," + space + pair(name, value)

    return re.compile(
        rb"\{" + pair(b"event", b'"(' + names + b')"')
        + after(b"event_id", b'"([^"]++)"')
        # Years in which no offset can lead out of the range that parsing allows.
        + after(b"timestamp", b'"(20(?:0[1-9]|[1-8][0-9]|9[0-8])-[^"]++)"')
        + b"," + space + b"(" + pair(b"product", text)
        + after(b"tenant_id", text) + after(b"schema_version", b"[0-9]++") + after(b"emitter_id", text) + b")"
        + after(b"seq", b"([0-9]++)")
        + b"((?:" + after(b"level", text) + b")?+(?:" + after(b"logger", text) + b")?+)"
        + b"," + space + rb"(.*)\n"
    )  # fmt: skip


_COMPACT, _SPACED = _pattern(b""), _pattern(b" ")
_WIDTH = _COMPACT.groups + 1
_NUMBER, _EVENT, _EVENT_ID, _TIMESTAMP, _ORIGIN, _SEQ, _SOURCE, _REST = range(_WIDTH)


_COMPACT, _SPACED = _pattern(b""), _pattern(b" ")
_WIDTH = _COMPACT.groups + 1
_NUMBER, _EVENT, _EVENT_ID, _TIMESTAMP, _ORIGIN, _SEQ, _SOURCE, _REST = range(_WIDTH)


class Layout:
    """Takes blocks; remembers what it has seen of the envelopes."""

    def __init__(self) -> None:
        self._columns = {
            _EVENT_ID: _Column("event_id", b'"'),
            _TIMESTAMP: _Column("timestamp", b'"'),
            _SEQ: _Column("seq", b""),
        }
        self._parts = {
            _ORIGIN: _Part("product", "tenant_id", "schema_version", "emitter_id"),
            # The payload begins here. The tab that comes next is white space of its JSON, and to have it costs less
            # than to put the brace before each rest.
            _SOURCE: _Part("level", "logger", end=b"\t{\\"),
        }

    def take(self, block: Block) -> Taken:
        """Check and split all lines that are sure to be right."""
        content, left = block.content, list[int]()
        numbers: Sequence[int] = block.numbers
        if _is_suspect(content):
            content, numbers, left = _without_suspects(block)
        pattern = _SPACED if content.startswith(b'{"event": ') else _COMPACT
        pieces = pattern.split(content)
        if any(gaps := pieces[::_WIDTH]):
            numbers, between = _around(gaps, numbers)
            left += between
        if len(numbers) * _WIDTH + 1 != len(pieces):
            # Something was found within a line, or over more than one.
            return Taken([], [], [*block.numbers])
        if odd := self._odd(pieces):
            left += [numbers[index] for index in odd]
            good = [index not in odd for index in range(len(numbers))]
            numbers = [*compress(numbers, good)]
            kept = [b""] * (len(numbers) * _WIDTH + 1)
            for place in range(1, _WIDTH):
                kept[place::_WIDTH] = compress(pieces[place::_WIDTH], good)
            pieces = kept
        if b"\\" in content:
            pieces[_REST::_WIDTH] = [rest.replace(b"\\", b"\\\\") for rest in pieces[_REST::_WIDTH]]
        return Taken(numbers, pieces, sorted(left))

    def _odd(self, pieces: list[bytes]) -> set[int]:
        """Indexes of lines that may break the contract. The parts in common become their columns."""
        odd = {index for place, column in self._columns.items() for index in column.odd(pieces[place::_WIDTH])}
        for place, part in self._parts.items():
            texts = [*map(part.__getitem__, pieces[place::_WIDTH])]
            if not all(texts):
                odd.update(index for index, text in enumerate(texts) if not text)
            pieces[place::_WIDTH] = texts
        return odd.union(_odd_bodies(pieces[_EVENT::_WIDTH], pieces[_REST::_WIDTH]))


def _is_suspect(content: bytes) -> bool:
    """Whether there may be what COPY, the tag or a name hidden in escapes would make another thing of."""
    return (
        b"\t" in content
        or b"\r" in content
        or _TAG_BYTE in content
        or (b"\\" in content and b"\\u00" in content)
        or not is_utf8(content)
    )


def _without_suspects(block: Block) -> tuple[bytes, Sequence[int], list[int]]:
    """The other lines, their numbers, and the numbers of the suspects."""
    lines = block.lines
    suspects = [number for number, line in zip(block.numbers, lines, strict=True) if _is_suspect(line)]
    chosen = set(suspects)
    good = [number for number in block.numbers if number not in chosen]
    content = b"".join([lines[number - block.first_number] + b"\n" for number in good])
    return content, good, suspects


def _around(gaps: Sequence[bytes], numbers: Sequence[int]) -> tuple[list[int], list[int]]:
    """The numbers of the lines that were found, and of those in the gaps before, between and behind them.

    There are too few or too many if something was found within a line, or over more than one.
    """
    found, between = list[int](), list[int]()
    start = 0
    for gap in gaps:
        end = start + gap.count(b"\n")
        between += numbers[start:end]
        if gap and not gap.endswith(b"\n"):
            return [], []
        found += numbers[end : end + 1]
        start = end + 1
    return found, between


def _odd_bodies(names: Sequence[bytes], rests: Sequence[bytes]) -> set[int]:
    """Indexes of events whose own fields may break the contract."""
    bodies = [b""] * (2 * len(rests))
    bodies[::2] = [_HEADS[name] for name in names]
    bodies[1::2] = rests
    odd = set[int]()
    if not _are_bodies(bodies):
        odd.update(index for index in range(len(rests)) if not _are_bodies(bodies[2 * index : 2 * index + 2]))
    if max(map(len, rests), default=0) >= MAX_DEPTH:
        odd.update(index for index, rest in enumerate(rests) if rest.count(b"{") + rest.count(b"[") >= MAX_DEPTH)
    return odd


def _are_bodies(bodies: Sequence[bytes]) -> bool:
    """Whether heads and rests in turn make one good event each."""
    try:
        # The head's name is nowhere else, so each event begins at one, and there are as many as heads.
        return 2 * len(_BODIES.decode_lines(b"\n".join(bodies))) == len(bodies)
    except (msgspec.DecodeError, RecursionError):
        return False
