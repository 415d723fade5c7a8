"""Personal data: dropped or masked before a line is written."""

import json
import time

import pytest

from emitter import AgentSessionMessage, ApiError, SessionMessage, close_logger, get_logger
from emitter._masking import mask


def test_message_text_is_dropped_by_default(log):
    log.info(SessionMessage(session_id="s1", role="user", message_length=2, text="hi"))
    log.info(AgentSessionMessage(agent_id="a1", session_id="s1", message_length=2, text="hi"))
    log.info("message.user", extra={"session_id": "s1", "message_length": 2, "text": "hi"})
    assert [line for line in log.lines() if "text" in line] == []


def test_captured_text_is_masked(make_log):
    log = make_log(capture_text=True)
    log.info(SessionMessage(session_id="s1", role="user", message_length=2, text="I am jane@example.com"))
    log.info("message.user", extra={"session_id": "s1", "text": "call +86 138 0013 8000"})
    assert [line["text"] for line in log.lines()] == ["I am [email]", "call [phone]"]


def test_capture_can_be_switched_on_by_the_environment(make_log, monkeypatch):
    monkeypatch.setenv("EMITTER_CAPTURE_TEXT", "1")
    log = make_log()
    log.info(SessionMessage(session_id="s1", role="user", message_length=2, text="hi"))
    assert log.last()["text"] == "hi"


@pytest.mark.parametrize(
    ("error_message", "written"),
    [
        ("no mailbox jane@example.com", "no mailbox [email]"),
        ({"detail": "no mailbox", "to": ["jane@example.com"]}, '{"detail":"no mailbox","to":["[email]"]}'),
        (None, None),
    ],
)
def test_error_messages_are_masked_whatever_their_type(log, error_message, written):
    fields = {"endpoint": "/v1", "error_type": "smtp", "error_message": error_message}
    log.info("api.error", extra=fields)
    assert log.last()["error_message"] == written
    if error_message is not None:
        log.info(ApiError(**fields))
        assert log.last()["error_message"] == written


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("jane.doe+x@mail.example.co.uk, joe@a.io.", "[email], [email]."),
        ("a@b", "a@b"),
        ("4111 1111 1111 1111", "[card]"),
        ("4111111111111111", "[card]"),
        ("+85251234567", "[phone]"),
        ("(021) 6234-5678", "[phone]"),
        ("13800138000", "[phone]"),
        ("order SO000123456", "order SO000123456"),
        ("after 30 s, code 504", "after 30 s, code 504"),
        ("", ""),
    ],
)
def test_mask(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize("unit", ["a", "1", "1-", "1 ", "(1", "+1 ", "a@", "a@b.", ". ", "+", "1@1."])
def test_masking_a_long_text_takes_time_in_proportion(unit):
    text = unit * (200_000 // len(unit))
    began = time.perf_counter()
    mask(text)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ("hello", "message"),
        ("api.failure", "error_message"),
        ("message.ai", "error_message"),
        ("session.start", "message"),
    ],
)
def test_free_text_is_masked_wherever_it_stands(tmp_path, event, field):
    log = get_logger("anywhere", directory=tmp_path)
    log.info(event, extra={field: "write to jane@example.com"})
    close_logger("anywhere")
    [file] = tmp_path.iterdir()
    assert json.loads(file.read_text())[field] == "write to [email]"


def test_product_s_own_mask_gets_what_the_emitter_has_masked_and_decides(make_log):
    seen = []

    def mask_orders(text: str) -> str:
        seen.append(text)
        return text.replace("SO1", "[order]")

    log = make_log(mask=mask_orders, capture_text=True)
    log.info(ApiError(endpoint="/", error_type="x", error_message="no SO1 of jane@example.com"))
    log.info("could not find %s", "SO1")
    log.info(SessionMessage(session_id="SO1", role="user", message_length=3, text="SO1"))
    assert [line.get("error_message") or line.get("message") or line.get("text") for line in log.lines()] == [
        "no [order] of [email]",
        "could not find [order]",
        "[order]",
    ]
    assert seen == ["no SO1 of [email]", "could not find SO1", "SO1"]
    assert log.last()["session_id"] == "SO1"


@pytest.mark.parametrize("further", [lambda text: 1 / 0, lambda text: None])
def test_mask_that_fails_writes_nothing_of_the_text(make_log, further):
    log = make_log(mask=further)
    log.info("could not reach jane")
    assert log.last()["message"] == "[masking failed]"
