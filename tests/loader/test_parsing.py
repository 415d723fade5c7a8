"""Lines into rows or typed reasons: every byte sequence has a defined result."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emitter import ApiError, EventFormatter, SessionStart
from loader.aliases import Alias
from loader.copytext import COLUMNS, copy_text
from loader.lines import Block, LongLine
from loader.parsing import Parsed, Parser, rejected_long
from loader.rejection import Rejection
from tests.loader.conftest import event_line


def parse(line: bytes, *, number: int = 7, aliases: dict[str, Alias] | None = None) -> Parsed:
    return Parser(aliases).parse(Block.of(number, [line]))


def row(line: bytes, **options: Any) -> dict[str, str]:
    """The row as text by column, for lines whose values need no escapes."""
    parsed = parse(line.rstrip(b"\n"), **options)
    assert parsed.rejections == []
    [(_, text)] = parsed.rows
    return dict(zip(COLUMNS, text.split("\t"), strict=False))


def rejection(line: bytes, **options: Any) -> tuple[str, str]:
    """Reason and detail."""
    parsed = parse(line.rstrip(b"\n"), **options)
    assert parsed.rows == []
    return parsed.rejections[0].reason, parsed.rejections[0].detail


def without(field: str) -> bytes:
    return event_line(**{field: None})


def test_the_payload_is_what_is_not_envelope() -> None:
    assert row(event_line()) == {
        "line_number": "7",
        "event": "session.start",
        "event_id": "event-1",
        "occurred_at": "2026-05-01T10:00:00.000000Z",
        "product": "ai_chatbot",
        "tenant_id": "default",
        "schema_version": "1",
        "emitter_id": "emitter-1",
        "seq": "1",
        "level": "\\N",
        "logger": "\\N",
        "payload": '{"session_id":"s1","channel":"web"}',
    }


def test_numbers_keep_every_digit() -> None:
    line = event_line().replace(b"}", b',"big":123456789012345678901234567890.1234567890}')
    assert row(line)["payload"].endswith('"big":123456789012345678901234567890.1234567890}')


def test_a_field_of_the_event_with_an_envelope_name_stays_in_the_payload() -> None:
    line = event_line(event="hub.contact_promoted", contact_id="c1", k_code="K1", level="gold")
    assert json.loads(row(line)["payload"])["level"] == "gold"


def test_unknown_events_and_fields_are_loaded() -> None:
    assert row(event_line(event="shop.opened", floor=3))["event"] == "shop.opened"
    assert json.loads(row(event_line(colour="red"))["payload"])["colour"] == "red"


def test_the_last_of_two_equal_keys_wins() -> None:
    line = event_line().replace(b'"channel": "web"', b'"channel": "web", "channel": "app"')
    assert row(line)["payload"] == '{"session_id":"s1","channel":"app"}'


def test_optional_fields_may_be_null() -> None:
    assert row(event_line().replace(b"}", b', "locale": null}'))["payload"].endswith('"locale":null}')


def test_a_byte_order_mark_is_tolerated_at_the_start_of_a_file_only() -> None:
    line = b"\xef\xbb\xbf" + event_line()
    assert row(line, number=1)["event"] == "session.start"
    assert rejection(line, number=2)[0] == "not_json"


def test_carriage_returns_at_the_end_are_tolerated() -> None:
    assert row(event_line().rstrip(b"\n") + b"\r")["payload"] == row(event_line())["payload"]


def test_a_line_without_an_id_gets_one_from_content_and_position() -> None:
    line = without("event_id")
    identifier = row(line)["event_id"]
    assert identifier == row(line)["event_id"] == "derived-218c1ce8686ba578c4dda08f384f2ba1"
    assert row(line, number=8)["event_id"] != identifier
    assert row(event_line(2, event_id=None))["event_id"] != identifier


def test_an_id_does_not_depend_on_line_endings() -> None:
    line = without("event_id").rstrip(b"\n")
    assert row(line + b"\r")["event_id"] == row(line)["event_id"]


def test_a_null_id_counts_as_none() -> None:
    assert row(event_line().replace(b'"event-1"', b"null"))["event_id"].startswith("derived-")


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (b"", "blank_line", "the line is empty"),
        (b" \t\r", "blank_line", "the line is empty"),
        (b"hello", "not_json", "JSON is malformed: invalid character (byte 0)"),
        (b'{"event": "session.start"', "not_json", "Input data was truncated"),
        (b'{"event": NaN}', "not_json", "JSON is malformed: invalid character (byte 10)"),
        (b'{"event": 1} {}', "not_json", "JSON is malformed: trailing characters (byte 14)"),
        (b'{"a": "\x00"}', "not_json", "JSON is malformed: invalid character (byte 7)"),
        (b'"session.start"', "not_an_object", "the line is JSON, but not an object"),
        (b"[]", "not_an_object", "the line is JSON, but not an object"),
        (b"null", "not_an_object", "the line is JSON, but not an object"),
        (b'{"a": ' + b"[" * 100_000, "too_deep", "objects or lists are nested deeper than 500 levels"),
        (event_line(note="\xff").replace(b"\\u00ff", b"\xff"), "invalid_utf8", "byte 249 of the line"),
        (event_line(note="\ud800"), "lone_surrogate", "1 escapes of half a character"),
        (event_line(note="\ud800 \udc00 \\ud800"), "lone_surrogate", "2 escapes of half a character"),
        (event_line(note="\udbff").rstrip(b"}\n"), "not_json", "Input data was truncated"),
        (event_line(note="a\0b"), "nul_character", "the line holds the escape of the character NUL"),
        (event_line(**{"no\0te": 1}), "nul_character", "the line holds the escape of the character NUL"),
        (without("event"), "missing_event", "event"),
        (without("timestamp"), "missing_field", "timestamp"),
        (without("product"), "missing_field", "product"),
        (without("session_id"), "missing_field", "session_id"),
        (event_line(event=5), "wrong_type", "event: Expected `str`, got `int`"),
        (event_line(channel=["web"]), "wrong_type", "channel: Expected `str`, got `array`"),
        (event_line(is_test="yes"), "wrong_type", "is_test: Expected `bool | null`, got `str`"),
        (event_line(seq=1.5), "wrong_type", "seq: Expected `int | null`, got `float`"),
        (event_line(timestamp=1777629600), "wrong_type", "timestamp: Expected `datetime`, got `int`"),
        (event_line(event=""), "invalid_value", "event: Expected `str` of length >= 1"),
        (event_line(session_id=""), "invalid_value", "session_id: Expected `str` of length >= 1"),
        (event_line(session_id="s" * 201), "invalid_value", "session_id: Expected `str` of length <= 200"),
        (event_line(event_id="e" * 201), "invalid_value", "event_id: Expected `str` of length <= 200"),
        (event_line(tenant_id="t" * 201), "invalid_value", "tenant_id: Expected `str` of length <= 200"),
        (event_line(seq=-1), "invalid_value", "seq: Expected `int` >= 0"),
        (event_line(schema_version=0), "invalid_value", "schema_version: Expected `int` >= 1"),
        (
            event_line(event="session.message", role="bob", message_length=1),
            "invalid_value",
            "role: not one of the allowed values",
        ),
        (event_line(event="session.rating", score=6), "invalid_value", "score: Expected `int` <= 5"),
        (
            event_line(event="hub.thread_snoozed", thread_id="t", until="tomorrow"),
            "bad_timestamp",
            "until: is not an RFC 3339 timestamp",
        ),
        (event_line(timestamp="yesterday"), "bad_timestamp", "timestamp: is not an RFC 3339 timestamp"),
        (event_line(timestamp="2026-02-30T10:00:00Z"), "bad_timestamp", "timestamp: is not an RFC 3339 timestamp"),
        (event_line(timestamp="2026-05-01T10:00:00"), "bad_timestamp", "timestamp: has no offset"),
        (
            event_line(timestamp="1999-12-31T23:59:59Z"),
            "bad_timestamp",
            "timestamp: before the year 2000 or after 2099",
        ),
        (
            event_line(timestamp="2100-01-01T00:00:00Z"),
            "bad_timestamp",
            "timestamp: before the year 2000 or after 2099",
        ),
    ],
)
def test_a_line_that_breaks_the_contract_is_rejected_with_its_reason(line: bytes, reason: str, detail: str) -> None:
    assert rejection(line) == (reason, detail)


@pytest.mark.parametrize(
    "timestamp",
    ["2000-01-01T00:00:00Z", "2099-12-31T23:59:59.999999Z", "1999-12-31T20:00:00-08:00", "2026-05-01T10:00:00+08:00"],
)
def test_timestamps_are_judged_as_instants(timestamp: str) -> None:
    assert row(event_line(timestamp=timestamp))["occurred_at"] == timestamp


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert parse(event_line(note="\\u0000").rstrip(b"\n")).rejections == []


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse(event_line(note="\U0001f600").rstrip(b"\n")).rejections == []


def test_one_bad_line_does_not_concern_its_neighbours() -> None:
    lines = [event_line(1), b'{"note": "\xff"}', event_line(2), b"", event_line(3)]
    parsed = Parser().parse(Block.of(10, [line.rstrip(b"\n") for line in lines]))
    assert [number for number, _ in parsed.rows] == [10, 12, 14]
    assert [(found.number, found.reason) for found in parsed.rejections] == [(11, "invalid_utf8"), (13, "blank_line")]


def test_backslashes_and_white_space_are_escaped_for_copy() -> None:
    line = event_line(product="a\tb\\c\n", level="\r", note="\\").replace(b"}", b',\t"list": [1,\r2]}')
    [(_, text)] = parse(line.rstrip(b"\n")).rows
    assert copy_text([text], (1, 2, "2026-05-01")) == (
        b"7\tsession.start\tevent-1\t2026-05-01T10:00:00+00:00\ta\\tb\\\\c\\n\tdefault\t1\temitter-1\t1\t\\r\t\\N\t"
        b'{"session_id":"s1","channel":"web","note":"\\\\\\\\","list":[1,\\r2]}\t1\t2\t2026-05-01\n'
    )


def test_a_rejection_holds_the_line_as_it_was() -> None:
    assert parse(b" hello\r").rejections == [
        Rejection(7, b" hello\r", 7, "not_json", "JSON is malformed: invalid character (byte 1)")
    ]


def test_a_long_line_is_rejected_with_its_beginning_and_true_length() -> None:
    assert rejected_long(LongLine(3, b"abc", 5_000_000)).rejections == [
        Rejection(3, b"abc", 5_000_000, "line_too_long", "5000000 bytes, the limit is 3")
    ]


def test_an_alias_is_checked_as_the_event_it_stands_for_and_keeps_its_name() -> None:
    aliases = {"message.user": Alias("session.message", "role", "user"), "order.query": Alias("query.order", "", "")}
    line = event_line(event="message.user", message_length=5)

    assert row(line, aliases=aliases)["event"] == "message.user"
    assert rejection(event_line(event="message.user"), aliases=aliases) == ("missing_field", "message_length")
    assert rejection(event_line(event="order.query"), aliases=aliases) == ("missing_field", "order_number")
    assert row(event_line(event="message.user"))["event"] == "message.user"


def test_an_alias_of_an_unknown_event_is_loaded() -> None:
    assert row(event_line(event="old.name"), aliases={"old.name": Alias("new.name", "", "")})["event_id"] == "event-1"


@given(st.binary().map(lambda line: line.replace(b"\n", b"")))
def test_no_bytes_make_the_parser_fail(line: bytes) -> None:
    parsed = parse(line)
    assert len(parsed.rows) + len(parsed.rejections) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    changes=st.dictionaries(
        st.sampled_from(["event", "event_id", "timestamp", "product", "tenant_id", "seq", "level", "session_id", "x"]),
        _JSON,
    ),
    cut=st.none() | st.integers(0, 200),
)
def test_no_change_of_a_valid_line_makes_the_parser_fail(changes: dict[str, Any], cut: int | None) -> None:
    parsed = parse(json.dumps(json.loads(event_line()) | changes).encode()[:cut])
    assert len(parsed.rows) + len(parsed.rejections) == 1


@given(value=st.text(min_size=12))
def test_no_detail_holds_a_value_of_its_line(value: str) -> None:
    for field in ("timestamp", "role", "message_length", "seq", "response_time_ms"):
        line = event_line(**{"event": "session.message", "role": "user", "message_length": 1, field: value})
        for found in parse(line.rstrip(b"\n")).rejections:
            assert value not in found.detail


def test_a_line_with_values_that_the_emitter_had_to_make_up_is_rejected() -> None:
    made_up = "the emitter could not write the value as it was"
    for named, field in [
        (["channel", "no.such"], "channel"),
        (["jane@example.com"], "emitter_unsafe"),
        (7, "emitter_unsafe"),
    ]:
        line = event_line(emitter_unsafe=named)
        assert rejection(line) == ("invalid_value", f"{field}: {made_up}")
        assert Parser().check(Block.of(7, [line.rstrip(b"\n")])).rejections[0].detail == f"{field}: {made_up}"


def test_a_bad_value_of_a_product_becomes_a_dead_letter_and_repaired_free_text_does_not() -> None:
    formatter = EventFormatter("ai_chatbot")
    for event, refused in [
        (SessionStart(session_id="s1", channel="web"), None),
        (SessionStart(session_id=object(), channel="web"), "session_id"),  # type: ignore[arg-type]
        (SessionStart(session_id="a\0b", channel="web", site=float("nan")), "session_id, site"),  # type: ignore[arg-type]
        (ApiError(endpoint="/", error_type="x", error_message="a\0b \ud83d"), None),
    ]:
        line = formatter.format_event(event, "chat")
        if refused is None:
            assert parse(line).rejections == []
        else:
            assert rejection(line) == ("invalid_value", f"{refused}: the emitter could not write the value as it was")
