"""Blocks of lines at once: the same rows and rejections as line by line, whatever the bytes are."""

import json
import re
from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emitter.events import ENVELOPE_FIELDS, KNOWN_EVENTS
from emitter.formatter import EventFormatter
from loader.aliases import Alias
from loader.copytext import COLUMNS, copy_text
from loader.layout import Layout
from loader.lines import Block
from loader.parsing import Parser
from loader.rejection import MAX_DEPTH
from tests.emitter.conftest import sample_event

CONSTANTS = (7, 3, date(2026, 5, 1))
ALIASES = {"message.user": Alias("session.message", "role", "user"), "old.name": Alias("new.name", "", "")}
FIRST = 95

START = (
    b'{"event":"session.start","event_id":"0193","timestamp":"2026-05-01T10:00:00.000000Z","product":"ai_chatbot",'
    b'"tenant_id":"default","schema_version":1,"emitter_id":"e1","seq":4,"level":"INFO","logger":"chat",'
)
GOOD = START + b'"session_id":"s1","channel":"web"}'
SPACED = json.dumps(json.loads(GOOD)).encode()


_FIELD_TEXT = re.compile(r"(?:^|\t)((?:[^\t\\]|\\.)*)", re.DOTALL)


def rows(text: bytes) -> dict[str, dict[str, Any]]:
    """Rows of COPY's text format by line number, as PostgreSQL reads them: of equal keys of an object the last wins."""
    assert b"\r" not in text  # PostgreSQL refuses it
    found = {}
    for row in text.decode().split("\n")[:-1]:
        fields = dict(zip(COLUMNS, map(_value, _FIELD_TEXT.findall(row)), strict=True))
        # A spelling with escapes is written anew by the slow way.
        fields["occurred_at"] = msgspec.convert(fields["occurred_at"], datetime)
        # Numbers as they are written, for they keep every digit.
        fields["payload"] = json.loads(fields["payload"], parse_float=str, parse_int=str)
        assert fields["line_number"] not in found
        found[fields["line_number"]] = fields
    return found


def _value(field: str) -> str | None:
    if field == "\\N":
        return None
    characters = iter(field)
    return "".join(
        {"t": "\t", "n": "\n", "r": "\r"}.get(escaped := next(characters), escaped) if character == "\\" else character
        for character in characters
    )


def same_as_line_by_line(lines: list[bytes], first: int = FIRST) -> tuple[int, int]:
    """Compares both ways for these lines. How many rows there are, and how many lines were left by the quick way."""
    block = Block.of(first, lines)
    parser = Parser(ALIASES)
    parsed = parser.parse(block)
    for _ in range(2):  # the second time with what was remembered
        checked = parser.check(block)
        assert rows(checked.copy_text(CONSTANTS)) == rows(copy_text([text for _, text in parsed.rows], CONSTANTS))
        assert checked.rejections == parsed.rejections
        assert checked.rows_count == len(parsed.rows)
    assert len(parsed.rows) + len(parsed.rejections) == len(lines)
    return len(parsed.rows), len(Layout().take(block).left)


SESSION_MESSAGE = GOOD.replace(b"session.start", b"session.message").replace(
    b'"channel":"web"', b'"role":"user","message_length":2'
)
# What stands in a line, and what takes its place.
_PLACES = rb"""
{"event": "event" "session.start" "event_id" "0193" "2026-05-01T10:00:00.000000Z" 2026-05 "product" "ai_chatbot"
"default" "schema_version":1 "e1" "seq":4, 4 "level":"INFO", ,"logger":"chat" "session_id" "s1" "channel":"web" "web"
} , : "
""".split()
_REPLACEMENTS = [
    *(
        b"",
        b" ",
        b"\t",
        b"\r",
        b"\x7f",
        b"\xff",
        "中".encode(),
        b"x" * 201,
        b'"' + b"y" * 200 + b'"',
        b'"' + b"y" * 201 + b'"',
    ),
    *(b'"deep":' + b"[" * 499 + b"]" * 499, b'"deep":' + b"[" * 500 + b"]" * 500, b'"flat":[' + b"[]," * 600 + b"[]]"),
    *(GOOD, GOOD + GOOD, START, b'"x":' + GOOD),
    *rb"""
    \ \" \\ \n \N \. "\N" "\." \u00e9 \u0065 \u0000 \u4e2d "\ud800" null 0 -1 007 1e3 true [] {} ""
    123456789012345678901234567890.5 "session.start" "session.end" "message.user" "old.name" "shop.opened"
    "hub.contact_promoted" "1999-12-31T23:59:59Z" "2026-02-30T10:00:00Z" "2026-05-01T10:00:00"
    "2026-05-01t10:00:00.5+05:30" "2000-01-01T00:30:00+05:00" "2099-12-31T23:30:00-05:00"
    "event":"session.start" "event_id":"other" "level":"gold" "seq":9 "timestamp":"2026-01-01T00:00:00Z"
    "\u0065vent_id":"other" "a":{"event":"x"} "a":[{"level":1}] "a":[ "a":{ ] } { }{ },{"event":"session.start"
    """.split(),
    b'"\x7f":"session.start"',
]
_CHANGE = st.tuples(st.sampled_from(_PLACES), st.sampled_from(_REPLACEMENTS), st.integers(0, 3), st.booleans())


@st.composite
def _changed_lines(draw: st.DrawFn) -> bytes:
    """A good line with up to three changes: one thing replaced by another, or put before it."""
    line = draw(st.sampled_from([GOOD, SPACED, SESSION_MESSAGE]))
    for place, replacement, turn, is_inserted in draw(st.lists(_CHANGE, max_size=3)):
        position = -1
        for _ in range(turn + 1):
            position = max(position, line.find(place, position + 1))
        if position >= 0:
            line = line[:position] + replacement + line[position + (0 if is_inserted else len(place)) :]
    return line.replace(b"\n", b"")


@given(st.lists(_changed_lines() | st.sampled_from([GOOD, SPACED]), max_size=8), st.sampled_from([1, 2, 95, 999]))
def test_changed_lines_become_the_same_as_line_by_line(lines: list[bytes], first: int) -> None:
    same_as_line_by_line(lines, first)


@given(st.lists(st.binary().map(lambda line: line.replace(b"\n", b"")) | st.just(GOOD), max_size=5))
def test_any_bytes_become_the_same_as_line_by_line(lines: list[bytes]) -> None:
    same_as_line_by_line(lines)


_FIELD = st.dictionaries(
    st.sampled_from([*ENVELOPE_FIELDS, "x", "session_id", "channel", "is_test", "locale"]) | st.text(max_size=3),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
    | st.dictionaries(st.sampled_from(["event", "level", "a"]), st.text(max_size=3), max_size=2),
    max_size=3,
)  # fmt: skip


@given(st.lists(st.tuples(_FIELD, st.booleans(), st.booleans()), max_size=4))
def test_any_fields_behind_the_envelope_become_the_same_as_line_by_line(
    lines: list[tuple[dict[str, Any], bool, bool]],
) -> None:
    made = []
    for fields, is_spaced, is_ascii in lines:
        separators = (", ", ": ") if is_spaced else (",", ":")
        more = json.dumps(fields, separators=separators, ensure_ascii=is_ascii).encode(errors="surrogatepass")
        good = SPACED if is_spaced else GOOD
        made.append(good[:-1] + separators[0].encode() + more[1:] if fields else good)
    same_as_line_by_line(made)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([GOOD + GOOD, START + b'"a":[', b"]}"], id="two events on a line and one on two lines"),
        pytest.param(
            [START + b'"session_id":"s1","channel":"web","a":[', GOOD + b"]}"],
            id="an event that goes on in the next line",
        ),
        pytest.param([b"", *GOOD.replace(b"0193", b"01\n93").split(b"\n")], id="an id over two lines"),
        pytest.param([GOOD.replace(b"0193", b"01\\u4e2d93")], id="an id with an escape"),
        pytest.param([GOOD[:-1] + b',"note":"\xff"}'], id="a field that is no text"),
        pytest.param(
            [
                GOOD + b'{"\x7f":"session.start","session_id":"s2","channel":"web"}',
                START + b'"session_id":"s1","channel":"web","a":[',
                GOOD + b"]}",
            ],
            id="three events on three lines, but not one on each",
        ),
        pytest.param([START + b'"session_id":"s1",\t"channel":"web"}'], id="a tab between fields"),
        pytest.param([b'{"x":' + GOOD + b"}"], id="an event within another object"),
        pytest.param([START + b'"session_id":"s1","channel":"web","event":"session.start"}'], id="its name twice"),
        pytest.param([START + b'"session_id":"s1","channel":"web","event_id":"0194"}'], id="another id at the end"),
        pytest.param([START + b'"session_id":"s1","channel":"web","level":null}'], id="a level of null at the end"),
        pytest.param([START + b'"session_id":"s1","channel":"web","\\u006cevel":"x"}'], id="a name in escapes"),
        pytest.param([START + b'"session_id":"s1","channel":"web","channel":"app"}'], id="a field twice"),
        pytest.param([START + b'"session_id":"s1","channel":"web"}  '], id="spaces at the end"),
        pytest.param([START + b'"session_id":"s1","channel":"web"}\r'], id="a return at the end"),
        pytest.param([GOOD.replace(b'"INFO"', b'""')], id="an empty level, which is not null"),
        pytest.param([b"\xef\xbb\xbf" + GOOD, GOOD], id="a byte order mark"),
        pytest.param(
            [
                GOOD.replace(b"2026-05-01T10:00:00.000000Z", timestamp)
                for timestamp in (b"1999-12-31T23:00:00Z", b"2000-01-01T00:30:00+05:00", b"2100-01-01T00:00:00Z")
            ],
            id="other centuries",
        ),
    ],
)
@pytest.mark.parametrize("first", [1, 2])
def test_lines_that_only_look_alike_become_the_same_as_line_by_line(lines: list[bytes], first: int) -> None:
    same_as_line_by_line([GOOD, *lines, GOOD], first)


def test_lines_keep_their_numbers_among_others() -> None:
    lines = [b"no json", GOOD, b"", GOOD, SPACED, GOOD.replace(b"s1", b"\\u0000"), b"{}", GOOD, b"\xff"]
    checked = Parser().check(Block.of(998, lines))
    assert sorted(map(int, rows(checked.copy_text(CONSTANTS)))) == [999, 1001, 1002, 1005]
    assert [found.number for found in checked.rejections] == [998, 1000, 1003, 1004, 1006]


def test_a_row_of_a_block_is_what_postgresql_reads() -> None:
    line = START + '"session_id":"s1","channel":"web","note":"a\\\\b\\n中"}'.encode()
    assert (
        Parser().check(Block.of(12, [line])).copy_text(CONSTANTS)
        == (
            "12\tsession.start\t0193\t2026-05-01T10:00:00.000000Z\tai_chatbot\tdefault\t1\te1\t4\tINFO\tchat\t"
            '{\\\t"session_id":"s1","channel":"web","note":"a\\\\\\\\b\\\\n中"}\t7\t3\t2026-05-01\n'
        ).encode()
    )


@pytest.mark.parametrize("is_full", [True, False], ids=["all fields", "required fields"])
def test_lines_of_the_emitter_are_taken_at_once(*, is_full: bool) -> None:
    formatter = EventFormatter("ai_chatbot", capture_text=True)
    lines = {
        name: formatter.format_event(sample_event(event_class, is_full=is_full), "chat")
        for name, event_class in KNOWN_EVENTS.items()
    }
    rows_count, left = same_as_line_by_line([*lines.values()])
    assert rows_count == len(KNOWN_EVENTS)
    # The contact's level stands where the logging library's would.
    assert left == 1


def test_lines_with_spaces_are_taken_at_once() -> None:
    assert same_as_line_by_line([SPACED] * 3) == (3, 0)


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [("deep", b"[" * 499 + b"]" * 499, 0), ("wide", b"[" + b"[]," * 600 + b"[]]", 1)],
)
def test_lines_with_many_brackets_are_looked_at_one_by_one(field: str, value: bytes, left: int) -> None:
    line = GOOD[:-1] + b',"%s":%s}' % (field.encode(), value)
    assert same_as_line_by_line([line, GOOD]) == (2, left)


def test_a_line_nested_deeper_than_the_limit_is_rejected() -> None:
    assert MAX_DEPTH == 500
    line = GOOD[:-1] + b',"deep":' + b"[" * 500 + b"]" * 500 + b"}"
    assert same_as_line_by_line([line, GOOD]) == (1, 1)
    [found] = Parser().parse(Block.of(1, [line])).rejections
    assert (found.reason, found.detail) == ("too_deep", "objects or lists are nested deeper than 500 levels")
