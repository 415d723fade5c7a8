"""Other ways in: the configuration of logging, structlog, loguru, and a product's own tests."""

import json
import logging
import logging.config
from pathlib import Path

import loguru
import pytest
import structlog

from emitter import EventError, SessionMessage, SessionStart, close_logger, get_logger
from emitter.bridges import EventLoggerFactory, loguru_sink, to_event
from emitter.testing import capture

EVENT = SessionStart(session_id="s1", channel="web")


def _lines(folder: Path) -> list[dict]:
    return [json.loads(line) for path in sorted(folder.iterdir()) for line in path.read_text().splitlines()]


def test_configuration_of_logging_makes_a_handler_for_any_logger(tmp_path):
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {
                "events": {
                    "class": "emitter.EventFileHandler",
                    "product": "ai_chatbot",
                    "directory": str(tmp_path),
                    "buffer_size": 500,
                }
            },
            "loggers": {"shop.chat": {"handlers": ["events"], "level": "INFO", "propagate": False}},
        }
    )
    log = logging.getLogger("shop.chat")
    log.info(EVENT)
    log.info("session.start", extra={"session_id": "s2", "channel": "web"})
    [handler] = log.handlers
    log.removeHandler(handler)
    handler.close()
    first, second = _lines(tmp_path)
    assert (first["session_id"], second["session_id"]) == ("s1", "s2")
    assert (first["product"], first["logger"], handler.options.buffer_size) == ("ai_chatbot", "shop.chat", 500)


def test_structlog_s_calls_become_event_lines(tmp_path):
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.TimeStamper(), to_event],
        logger_factory=EventLoggerFactory("bridged", directory=tmp_path),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    try:
        log = structlog.get_logger()
        with structlog.contextvars.bound_contextvars(tenant_id="acme"):
            log.bind(session_id="s1").info("session.start", channel="web")
        log.warning("could not reach jane@example.com", attempt=2)
        log.info(EVENT)
        log.debug("session.start")
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError:
            log.exception("api.error", endpoint="/v1", error_type="x", error_message="y")
    finally:
        structlog.reset_defaults()
        close_logger("bridged")
    lines = _lines(tmp_path)
    assert [(line["event"], line["level"]) for line in lines] == [
        ("session.start", "INFO"),
        ("log.message", "WARNING"),
        ("session.start", "INFO"),
        ("api.error", "ERROR"),
    ]
    assert (lines[0]["tenant_id"], lines[0]["session_id"], lines[0]["channel"]) == ("acme", "s1", "web")
    assert (lines[1]["message"], lines[1]["attempt"]) == ("could not reach [email]", 2)
    assert lines[3]["exception_type"] == "ZeroDivisionError"
    assert [line["seq"] for line in lines] == [0, 1, 2, 3]


def test_loguru_s_calls_become_event_lines(tmp_path):
    number = loguru.logger.add(loguru_sink("bridged", directory=tmp_path), level="INFO", format="{message}")
    others = [key for key in loguru.logger._core.handlers if key != number]
    for other in others:
        loguru.logger.remove(other)
    try:
        with loguru.logger.contextualize(tenant_id="acme"):
            loguru.logger.bind(session_id="s1", channel="web").info("session.start")
        loguru.logger.bind(event=EVENT).success("opened")
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError:
            loguru.logger.exception("no luck with jane@example.com")
    finally:
        loguru.logger.remove(number)
        close_logger("bridged")
    lines = _lines(tmp_path)
    assert [(line["event"], line.get("session_id"), line["tenant_id"]) for line in lines] == [
        ("session.start", "s1", "acme"),
        ("session.start", "s1", "default"),
        ("log.message", None, "default"),
    ]
    assert (lines[2]["message"], lines[2]["exception_type"]) == ("no luck with [email]", "ZeroDivisionError")


def test_captured_events_are_the_real_lines_and_no_file_is_written(tmp_path):
    log = get_logger("tested", directory=tmp_path)
    with capture("tested", tenant_id="acme") as events:
        event_id = log.emit_with_id(EVENT)
        log.info(SessionMessage(session_id="s1", role="user", message_length=2, text="hi"))
        with pytest.raises(EventError):
            log.info(SessionMessage(session_id="s1", role="robot", message_length=2))
    assert events.names == ["session.start", "session.message"]
    assert events.of(SessionStart) == [EVENT]
    assert [message.text for message in events.of(SessionMessage)] == [None]
    assert (events.lines[0]["event_id"], events.lines[0]["tenant_id"]) == (event_id, "acme")
    assert list(tmp_path.iterdir()) == []
    log.emit(EVENT)
    close_logger("tested")
    assert [line["seq"] for line in _lines(tmp_path)] == [0]


def test_captured_events_may_break_the_contract_where_the_test_wants_to_see_that():
    with capture("tested", strict=False) as events:
        get_logger("tested").info("session.start")
    assert events.names == ["session.start"]
    close_logger("tested")


def test_level_of_an_event_of_its_own_goes_through_and_a_level_of_logging_does_not():
    def level(value: object) -> object:
        return to_event(None, "info", {"event": "hub.contact_promoted", "level": value})[1]["extra"].get("level")

    assert [level(2), level("gold"), level("info"), to_event(None, "info", {"event": "x.y", "level": 2})[1]] == [
        2,
        "gold",
        None,
        {"extra": {}},
    ]
