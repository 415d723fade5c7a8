"""The direct call `emit`: what it writes is what the logging call writes, and whoever has a say there is asked."""

import functools
import json
import logging
import os
import random
import subprocess
import sys
import threading
import typing
from pathlib import Path

import pytest

from emitter import (
    EVENTS,
    ApiError,
    EventFileHandler,
    EventFormatter,
    EventLogger,
    HubContactPromoted,
    SessionMessage,
    SessionStart,
    _uuid7,
    bind,
    close_logger,
    get_logger,
)

EVENT = SessionStart(session_id="s1", channel="web")


class _Adding(EventFormatter):
    def add_fields(self, log_data, record, message_dict):
        super().add_fields(log_data, record, message_dict)
        log_data["region"] = "eu"


def _handler(directory: Path, name: str, formatter: EventFormatter) -> EventFileHandler:
    return EventFileHandler("ai_chatbot", directory, formatter, filename=name)


@pytest.mark.parametrize("name", sorted(EVENTS))
@pytest.mark.parametrize("is_full", [True, False], ids=["all fields", "required fields"])
def test_direct_call_writes_the_line_of_the_logging_call(make_log, sample, name, is_full):
    event = sample(EVENTS[name], is_full=is_full)
    log = make_log()
    log.emit(event)
    close_logger("ai_chatbot")
    [direct] = log.path.read_bytes().splitlines()
    log.path.unlink()
    log = make_log()
    log.logger.addFilter(lambda record: True)
    log.info(event)
    log.logger.filters.clear()
    assert log.path.read_bytes().splitlines() == [direct]


def test_direct_call_returns_the_event_id_of_its_line(log):
    events = [EVENT, "session.start", "any text", ApiError(endpoint="/", error_type="x", error_message="y")]
    ids = [log.emit(event) for event in events]
    assert ids == [line["event_id"] for line in log.lines()]
    assert len(set(ids)) == 4


def test_tenant_of_the_direct_call_goes_before_the_one_in_extra_and_the_logger_s(make_log):
    log = make_log(tenant_id="acme")
    log.emit(EVENT)
    log.emit(EVENT, tenant_id="globex")
    log.emit(EVENT, tenant_id="globex", extra={"tenant_id": "initech"})
    log.emit(EVENT, extra={"tenant_id": "initech"})
    log.emit("session.start", tenant_id="globex")
    log.emit(EVENT, tenant_id="")
    log.emit(EVENT, tenant_id=1)
    log.emit(EVENT, tenant_id=True)
    tenants = [line["tenant_id"] for line in log.lines()]
    assert tenants == ["acme", "globex", "globex", "initech", "globex", "acme", 1, True]
    assert tenants[7] is True


def test_free_text_is_dropped_or_masked_in_the_direct_call(make_log):
    message = SessionMessage(session_id="s1", role="user", message_length=2, text="I am jane@example.com")
    log, capturing = make_log("plain"), make_log("capturing", capture_text=True)
    log.emit(message)
    capturing.emit(message)
    capturing.emit(ApiError(endpoint="/", error_type="smtp", error_message="no mailbox jane@example.com"))
    assert "text" not in log.last()
    assert [line.get("text", line.get("error_message")) for line in capturing.lines()] == [
        "I am [email]",
        "no mailbox [email]",
    ]


def test_required_field_that_is_none_is_left_out_of_both_calls(log):
    log.emit(SessionStart(session_id=None, channel="web"))
    log.logger.warning(SessionStart(session_id=None, channel="web"))
    assert ["session_id" in line for line in log.lines()] == [False, False]


def test_event_s_own_level_stands_in_place_of_the_logger_s(log):
    log.emit(HubContactPromoted(contact_id="k1", k_code="K1", level="gold"))
    log.emit(HubContactPromoted(contact_id="k1", k_code="K1"))
    assert [line.get("level") for line in log.lines()] == ["gold", None]


def test_lost_event_returns_none_is_counted_and_leaves_a_gap_in_seq(tmp_path, capfd):
    log = get_logger("ai_chatbot", directory=tmp_path, filename="x.jsonl")
    assert [log.emit_with_id(EVENT, extra=[1]), log.emit_with_id(EVENT, tenant_id="t", extra=[1])] == [None] * 2
    assert [log.emit(EVENT), log.emit(EVENT, extra=[1])] == [True, False]
    assert [handler.lost_count for handler in log.handlers] == [3]
    close_logger("ai_chatbot")
    lines = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text().splitlines()]
    assert [line["seq"] for line in lines if line["event"] == "session.start"] == [2]
    told = [line for line in lines if line["event"] == "emitter.dropped"]
    assert ({line["reason"] for line in told}, sum(line["lines_count"] for line in told)) == ({"unwritable"}, 3)
    assert capfd.readouterr().err == (
        "emitter: cannot write an event of ai_chatbot (TypeError); the product goes on, lost events are counted.\n"
    )


def test_clock_that_fails_loses_the_line_and_never_raises(make_log, capfd):
    instants = iter([1_790_000_000.0, float("nan"), 1e300, 1_790_000_001.5])
    log = make_log(clock=lambda: next(instants))
    assert [log.emit(EVENT) is None for _ in range(4)] == [True, True, False, True]
    assert [line["seq"] for line in log.lines()] == [2]
    assert log.logger.handlers[0].lost_count == 3


@pytest.mark.parametrize("call", ["emit", "info"])
def test_event_below_the_level_of_logger_handler_or_all_writes_nothing_and_takes_no_seq(log, call):
    log.logger.setLevel(logging.WARNING)
    assert getattr(log, call)(EVENT) is None
    log.logger.setLevel(logging.INFO)
    log.logger.handlers[0].setLevel(logging.WARNING)
    assert getattr(log, call)(EVENT) is None
    log.logger.handlers[0].setLevel(logging.NOTSET)
    logging.disable(logging.INFO)
    assert getattr(log, call)(EVENT) is None
    logging.disable(logging.NOTSET)
    log.emit(EVENT)
    assert [line["seq"] for line in log.lines()] == [0]


@pytest.mark.parametrize("place", ["logger", "handler"])
@pytest.mark.parametrize("call", ["emit", "info"])
def test_filter_drops_events_and_adds_fields(log, place, call):
    def only_web(record):
        record.region = "eu"
        return record.msg.channel == "web"

    filtered = log.logger if place == "logger" else log.logger.handlers[0]
    filtered.addFilter(only_web)
    ids = [getattr(log, call)(SessionStart(session_id="s1", channel=channel)) for channel in ("web", "app")]
    filtered.removeFilter(only_web)
    assert [(line["channel"], line["region"]) for line in log.lines()] == [("web", "eu")]
    assert ids == ([log.last()["event_id"], None] if call == "emit" else [None, None])


def test_tenant_of_the_direct_call_is_written_also_where_a_filter_is_asked(log):
    log.logger.addFilter(bool)
    log.emit(EVENT, tenant_id="globex")
    log.emit(EVENT, tenant_id="globex", extra={"tenant_id": "initech"})
    log.logger.removeFilter(bool)
    assert [line["tenant_id"] for line in log.lines()] == ["globex", "globex"]


@pytest.mark.parametrize("call", ["emit", "info"])
def test_record_factory_adds_fields(log, call):
    def make(*arguments, **options):
        record = logging.LogRecord(*arguments, **options)
        record.region = "eu"
        return record

    logging.setLogRecordFactory(make)
    try:
        getattr(log, call)(EVENT)
    finally:
        logging.setLogRecordFactory(logging.LogRecord)
    assert log.last()["region"] == "eu"


@pytest.mark.parametrize("call", ["emit", "info", "warning"])
def test_formatter_of_one_s_own_adds_fields(tmp_path, call):
    log = get_logger("ai_chatbot", directory=tmp_path)
    log.handlers[:] = [_handler(tmp_path, "x.jsonl", _Adding("ai_chatbot"))]
    getattr(log, call)(EVENT)
    close_logger("ai_chatbot")
    assert json.loads((tmp_path / "x.jsonl").read_text())["region"] == "eu"


def test_formatter_that_is_put_in_later_is_used(log):
    log.logger.handlers[0].setFormatter(logging.Formatter("%(levelname)s"))
    log.emit(EVENT)
    log.logger.handlers[0].setFormatter(EventFormatter("renamed"))
    event_id = log.emit(EVENT)
    first, second = log.path.read_text().splitlines()
    assert (first, json.loads(second)["product"], json.loads(second)["event_id"]) == ("INFO", "renamed", event_id)


@pytest.mark.parametrize("call", ["emit", "info"])
def test_handlers_of_others_see_the_event_and_where_the_call_stands(log, call):
    seen = []

    class Other(logging.Handler):
        def emit(self, record):
            seen.append((record.msg, record.levelname, record.pathname, record.funcName))

    other = Other()
    log.logger.addHandler(other)
    getattr(log, call)(EVENT)
    log.logger.removeHandler(other)
    assert seen == [(EVENT, "INFO", __file__, "test_handlers_of_others_see_the_event_and_where_the_call_stands")]
    assert [line["session_id"] for line in log.lines()] == ["s1"]


@pytest.mark.parametrize("place", ["class", "subclass", "logger"])
@pytest.mark.parametrize("method", ["handle", "callHandlers"])
@pytest.mark.parametrize("call", ["emit", "info"])
def test_patched_method_of_logging_sees_the_event_and_the_line_is_written(log, monkeypatch, place, method, call):
    seen = []
    original = getattr(logging.Logger, method)

    @functools.wraps(original)
    def patched(self, record):
        seen.append(record.msg)
        return original(self, record)

    if place == "logger":
        monkeypatch.setattr(log.logger, method, functools.partial(patched, log.logger))
    else:
        monkeypatch.setattr(logging.Logger if place == "class" else EventLogger, method, patched, raising=False)
    getattr(log, call)(EVENT)
    assert seen == [EVENT]
    assert len(log.lines()) == 1


def test_method_of_logging_that_was_patched_before_the_import_sees_the_event(tmp_path):
    code = """
import functools, logging, sys
original, seen = logging.Logger.callHandlers, []
@functools.wraps(original)
def patched(self, record):
    seen.append(record.msg)
    original(self, record)
logging.Logger.callHandlers = patched
from emitter import get_logger
get_logger("ai_chatbot", directory=sys.argv[1]).emit("session.start")
print(seen)
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.stdout, run.stderr) == ("['session.start']\n", "")


def test_each_of_several_handlers_writes_its_line_and_the_first_names_it(tmp_path, capfd):
    log = get_logger("ai_chatbot", directory=tmp_path, filename="first.jsonl")
    second = _handler(tmp_path, "second.jsonl", EventFormatter("ai_chatbot"))
    log.addHandler(second)
    event_id = log.emit_with_id(EVENT)
    close_logger("ai_chatbot")
    lines = [json.loads((tmp_path / name).read_text()) for name in ("first.jsonl", "second.jsonl")]
    assert event_id == lines[0]["event_id"] != lines[1]["event_id"]
    assert [line["session_id"] for line in lines] == ["s1", "s1"]


def test_logger_without_a_handler_returns_none(tmp_path, capfd):
    log = get_logger("ai_chatbot", directory=tmp_path)
    close_logger("ai_chatbot")
    assert (log.emit(EVENT), log.emit_with_id(EVENT)) == (False, None)
    log.info(EVENT)
    assert (list(tmp_path.iterdir()), capfd.readouterr().err) == ([], "")


def test_handler_that_was_closed_opens_another_file(tmp_path):
    log = get_logger("ai_chatbot", directory=tmp_path)
    log.emit(EVENT)
    log.handlers[0].close()
    log.emit(EVENT)
    close_logger("ai_chatbot")
    assert [path.read_text().count("\n") for path in tmp_path.iterdir()] == [1, 1]


def test_seq_has_no_gaps_over_threads_that_use_both_calls(log):
    start = threading.Barrier(8)

    def write(call):
        start.wait()
        for _ in range(250):
            call(EVENT)

    threads = [threading.Thread(target=write, args=(call,)) for call in [log.emit, log.info] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line["seq"] for line in log.lines()) == list(range(2000))
    assert len({line["event_id"] for line in log.lines()}) == 2000


def test_child_after_a_fork_has_its_own_file_emitter_and_ids(tmp_path):
    code = """
import os, sys
from emitter import SessionStart, get_logger
log = get_logger("ai_chatbot", directory=sys.argv[1], clock=lambda: 1_790_000_000.5)
log.emit(SessionStart(session_id="parent", channel="web"))
child = os.fork()
log.emit(SessionStart(session_id="both", channel="web"))
log.emit(SessionStart(session_id="both", channel="web"))
if child:
    os.waitpid(child, 0)
"""
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    files = [[json.loads(line) for line in path.read_text().splitlines()] for path in tmp_path.iterdir()]
    assert sorted([line["seq"] for line in lines] for lines in files) == [[0, 1], [0, 1, 2]]
    assert len({line["emitter_id"] for lines in files for line in lines}) == 2
    assert len({line["event_id"] for lines in files for line in lines}) == 5


def test_product_that_seeds_its_randomness_does_not_repeat_ids(make_log):
    log = make_log(random_bits=None)
    for _ in range(2):
        random.seed(1)
        log.emit(EVENT)
    assert len({line["event_id"][-18:] for line in log.lines()}) == 2


def test_emitter_id_is_that_of_the_lines_and_cannot_be_set(log):
    [handler] = log.logger.handlers
    log.emit(EVENT)
    assert log.last()["emitter_id"] == handler.emitter_id == handler.formatter.emitter_id
    before = handler.emitter_id
    handler.formatter.restart()
    log.emit(EVENT)
    assert (log.last()["emitter_id"], log.last()["seq"]) == (handler.emitter_id, 0)
    assert handler.emitter_id != before
    for owner in (handler, handler.formatter):
        with pytest.raises(AttributeError):
            owner.emitter_id = "mine"


def test_logger_is_typed_as_an_event_logger():
    assert typing.get_type_hints(get_logger)["return"] is EventLogger


def test_level_name_of_one_s_own_is_written(log):
    logging.addLevelName(logging.INFO, "Info")
    try:
        log.emit(EVENT)
    finally:
        logging.addLevelName(logging.INFO, "INFO")
    assert log.last()["level"] == "Info"


def test_child_of_a_fork_that_python_was_not_told_of_has_its_own_file_emitter_and_ids(make_log, monkeypatch):
    log = make_log(random_bits=None)
    _uuid7._RANDOM.seed(1)
    ids = [log.emit(EVENT)[-18:] for _ in range(3)]
    # The child has the parent's generator and another process id.
    _uuid7._RANDOM.seed(1)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert log.emit(EVENT)[-18:] not in ids
    assert [line["seq"] for line in log.lines()] == [0, 1, 2]
    assert len(list(log.path.parent.iterdir())) == 2


def test_losses_of_an_emitter_that_could_write_nothing_else_are_told_at_its_end_and_bear_nothing_bound(make_log):
    log = make_log()
    with bind(tenant_id="acme", region="eu"):
        assert log.emit(EVENT, extra=[1]) is None
        close_logger("ai_chatbot")
    told = log.last()
    assert {key: told.get(key) for key in ("event", "seq", "lines_count", "reason", "tenant_id", "region")} == {
        "event": "emitter.dropped",
        "seq": 1,
        "lines_count": 1,
        "reason": "unwritable",
        "tenant_id": "default",
        "region": None,
    }
