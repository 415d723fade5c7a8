"""Whatever a product passes, the line is strict JSON, and nothing raises into the product."""

import json
import logging
import time
from collections import UserDict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emitter import ApiError, EventFileHandler, EventFormatter, SessionStart

RECORD_ATTRIBUTES = sorted({*vars(logging.makeLogRecord({})), "message", "asctime", "stack", "event_fields"})
ENVELOPE_KEYS = ["event", "event_id", "product", "schema_version", "emitter_id", "seq", "level", "logger"]
SURROGATES = st.characters(codec=None, min_codepoint=0xD800, max_codepoint=0xDFFF, categories=["Cs"])
TEXTS = st.text(st.one_of(st.characters(), SURROGATES, st.sampled_from("\0\ud800\N{PILE OF POO}"))) | st.sampled_from(
    [*RECORD_ATTRIBUTES, *ENVELOPE_KEYS, "timestamp", "NaN", "\\u0000"]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    TEXTS,
    st.binary(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.timedeltas(),
    st.uuids(),
    st.builds(object),
    st.complex_numbers(),
    st.integers(10**20, 10**40),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner) | st.tuples(inner, inner), max_leaves=12
)


def test_any_extra_gives_one_strict_line(strict):
    formatter = EventFormatter("ai_chatbot", capture_text=True)

    @settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
    @given(st.dictionaries(TEXTS, VALUES))
    def check(extra):
        record = logging.makeLogRecord({"msg": "session.start", "event_fields": extra})
        line = formatter.format(record)
        assert "\n" not in line
        parsed = strict(line)
        assert parsed["event"] == "session.start"
        assert parsed["product"] == "ai_chatbot"

    check()


@pytest.mark.parametrize("key", RECORD_ATTRIBUTES)
def test_logging_s_own_names_are_fields_like_any_other(log, key):
    log.info("session.start", extra={"session_id": "s1", key: "mine"})
    assert log.last()[key] == "mine"
    assert log.last()["session_id"] == "s1"


@pytest.mark.parametrize("key", ENVELOPE_KEYS)
def test_the_emitter_s_part_of_the_envelope_cannot_be_overwritten(log, key):
    log.info(SessionStart(session_id="s1", channel="web"), extra={key: "mine"})
    assert log.last()[key] != "mine"
    assert log.last()[f"field_{key}"] == "mine"


class _Seq:
    def __str__(self) -> str:
        return "seq"


def test_key_that_reads_like_the_envelope_s_cannot_repeat_it(log):
    log.info("session.start", extra={_Seq(): "mine", 7: "seven"})
    assert (log.last()["seq"], log.last()["field_seq"], log.last()["7"]) == (0, "mine", "seven")


class _Colour(Enum):
    RED = "red\0"


@dataclass
class _Order:
    number: str


class _Rude:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (float("nan"), None),
        (float("-inf"), None),
        (Decimal("NaN"), None),
        (Decimal("-Infinity"), None),
        ([Decimal("sNaN"), Decimal("1.50")], [None, 1.5]),
        ("NaN and Infinity", "NaN and Infinity"),
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        (r"harmless \u0000", r"harmless \u0000"),
        ("\ud83d half", "\N{REPLACEMENT CHARACTER} half"),
        ({"k\0": {"\udc00": [1]}}, {"k\N{REPLACEMENT CHARACTER}": {"\N{REPLACEMENT CHARACTER}": [1]}}),
        ("line\nbreak \u2028", "line\nbreak \u2028"),
        (object(), "<builtins.object>"),
        (_Rude(), "<tests.emitter.test_strict_json._Rude>"),
        ({_Rude(): 1}, {"<tests.emitter.test_strict_json._Rude>": 1}),
        (UserDict(), "<collections.UserDict>"),
        (PurePosixPath("logs/x"), "<pathlib.PurePosixPath>"),
        (_Colour.RED, "<tests.emitter.test_strict_json._Colour>"),
        (_Order("SO1"), {"number": "SO1"}),
        (_Order("\0"), "<tests.emitter.test_strict_json._Order>"),
        (datetime(2026, 10, 1, 8, tzinfo=UTC), "2026-10-01T08:00:00Z"),
        (date(2026, 10, 1), "2026-10-01"),
        (UUID(int=0), "00000000-0000-0000-0000-000000000000"),
        (b"ab", "YWI="),
        ((1, 2), [1, 2]),
        (2**70, 2**70),
    ],
)
def test_value_is_written_as(log, value, written):
    log.info("session.start", extra={"session_id": "s1", "value": value})
    assert log.last()["value"] == written


def test_wrong_values_in_a_typed_event_are_written_for_the_loader_to_judge(log):
    log.info(SessionStart(session_id=float("nan"), channel=object(), site=Decimal("1.5")))
    line = log.last()
    assert (line["session_id"], line["channel"], line["site"]) == (None, "<builtins.object>", 1.5)


def test_structure_that_holds_itself_ends(log):
    loop: list[object] = []
    loop += [loop, loop, {"self": loop}]
    began = time.perf_counter()
    log.info("session.start", extra={"session_id": "s1", "loop": loop})
    assert time.perf_counter() - began < 5
    assert log.last()["session_id"] == "s1"


def test_nesting_of_any_depth_ends(log):
    deep: object = "bottom"
    for _ in range(100_000):
        deep = [deep]
    log.info("session.start", extra={"deep": deep})
    assert log.last()["event"] == "session.start"
    while isinstance(deep, list):
        # Taken apart by hand: freeing it in one go is deep, too.
        deep = deep[0]


def test_plain_text_is_a_message_event_with_masked_text(log):
    log.info("could not reach %s", "jane@example.com")
    assert log.last()["event"] == "log.message"
    assert log.last()["message"] == "could not reach [email]"


@pytest.mark.parametrize("message", ["order lookup failed", SessionStart(session_id="s1", channel="web")])
def test_exception_leaves_its_type_and_no_traceback(log, message):
    try:
        int("jane@example.com")
    except ValueError:
        log.logger.exception(message)
        log.logger.info(message, exc_info=True)
    assert [(line["exception_type"], line["level"]) for line in log.lines()] == [
        ("ValueError", "ERROR"),
        ("ValueError", "INFO"),
    ]
    assert "jane" not in log.path.read_text()


def test_arguments_that_do_not_fit_the_message_lose_one_line_and_never_raise(tmp_path, capfd):
    handler = EventFileHandler("ai_chatbot", tmp_path, EventFormatter("ai_chatbot"), filename="x.jsonl")
    handler.handle(logging.makeLogRecord({"msg": "%d sessions", "args": ("many",)}))
    handler.handle(logging.makeLogRecord({"msg": "session.start"}))
    handler.close()
    line, told = (tmp_path / "x.jsonl").read_text().splitlines()
    assert json.loads(told)["event"] == "emitter.dropped"
    assert json.loads(line)["seq"] == 1
    assert handler.lost_count == 1
    assert "the product goes on" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("event", "extra", "named"),
    [
        (SessionStart(session_id="s1", channel="web"), {}, None),
        (SessionStart(session_id=object(), channel="web"), {}, ["session_id"]),
        (SessionStart(session_id="a\0b", channel="web", site="\ud800"), {}, ["session_id", "site"]),
        ("session.start", {"session_id": float("nan"), "channel": [1, float("inf")]}, ["session_id", "channel"]),
        ("session.start", {"note": "a\0b", "other": object()}, ["other"]),
        (ApiError(endpoint="/", error_type="x", error_message="a\0b \ud800"), {}, None),
        ("no.such_event", {"text": "NaN", "value": None}, None),
    ],
)
def test_line_names_the_fields_whose_values_are_made_up(log, event, extra, named):
    log.info(event, extra=extra)
    assert log.last().get("emitter_unsafe") == named


def test_name_of_made_up_fields_cannot_be_taken_and_a_made_up_tenant_is_none(log):
    log.info("session.start", extra={"emitter_unsafe": ["mine"], "tenant_id": object()})
    assert log.last()["field_emitter_unsafe"] == ["mine"]
    assert (log.last()["tenant_id"], "emitter_unsafe" in log.last()) == (None, False)
