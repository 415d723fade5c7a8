"""The envelope of every line: ids, time, order."""

import re
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from uuid import RFC_4122, UUID

import pytest

from emitter import ENVELOPE_FIELDS, AgentLogin, SessionFeedback, SessionStart, close_logger, get_logger


def test_line_begins_with_the_envelope_and_then_the_fields_in_order(log):
    log.info(SessionStart(session_id="s1", channel="web"))
    assert log.path.read_text() == (
        '{"event":"session.start","event_id":"01a0c450-6c7b-7103-8386-bbc4cd613e30",'
        '"timestamp":"2026-09-21T14:13:20.123456Z","product":"ai_chatbot","tenant_id":"default","schema_version":1,'
        '"emitter_id":"01a0c450-6c7b-7d8e-91b7-584a2265b1f5","seq":0,"level":"INFO","logger":"emitter.ai_chatbot",'
        '"session_id":"s1","channel":"web"}\n'
    )


def test_every_envelope_field_is_written(log):
    log.info("session.start")
    assert sorted(log.last()) == sorted(ENVELOPE_FIELDS)


def test_event_ids_are_uuids_of_version_7_that_carry_the_milliseconds(make_log):
    instants = [1_790_000_000 + number / 7 for number in range(200)]
    clock = iter([instants[0], *instants])
    log = make_log(clock=lambda: next(clock))
    for _ in instants:
        log.info(SessionFeedback(session_id="s1", helpful=True))
    ids = [UUID(line["event_id"]) for line in log.lines()]
    assert {(key.version, key.variant) for key in ids} == {(7, RFC_4122)}
    assert [key.int >> 80 for key in ids] == [int(instant * 1000) for instant in instants]
    assert ids == sorted(ids)
    assert len(set(ids)) == 200


def test_random_bits_of_event_ids_differ_in_every_place(make_log):
    log = make_log(random_bits=Random(5).getrandbits)
    for _ in range(300):
        log.info(SessionFeedback(session_id="s1", helpful=True))
    ids = [UUID(line["event_id"]).int for line in log.lines()]
    seen_one, seen_zero = 0, 0
    for key in ids:
        seen_one |= key
        seen_zero |= ~key
    varying = (seen_one & seen_zero).bit_count()
    assert varying == 74


def test_timestamp_is_utc_with_microseconds_from_the_real_clock(make_log):
    log = make_log(clock=None)
    before = datetime.now(UTC)
    log.info(SessionStart(session_id="s1", channel="web"))
    after = datetime.now(UTC)
    written = log.last()["timestamp"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", written)
    # A record's creation time is a float; it may be a microsecond off.
    assert before - timedelta(microseconds=2) <= datetime.fromisoformat(written) <= after + timedelta(microseconds=2)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (datetime(2026, 10, 1, 8, 0, tzinfo=timezone(timedelta(hours=8))), "2026-10-01T00:00:00.000000Z"),
        (datetime(2026, 10, 1, 8, 0, 0, 1, tzinfo=UTC), "2026-10-01T08:00:00.000001Z"),
        ("2026-10-01T08:00:00+08:00", "2026-10-01T08:00:00+08:00"),
        (None, "2026-09-21T14:13:20.123456Z"),
    ],
)
def test_caller_may_say_when_it_happened(log, given, written):
    log.info(SessionStart(session_id="s1", channel="web"), extra={"timestamp": given})
    assert log.last()["timestamp"] == written


def test_tenant_comes_from_the_call_or_else_from_the_logger(make_log):
    log = make_log(tenant_id="acme")
    log.info(SessionStart(session_id="s1", channel="web"))
    log.info(SessionStart(session_id="s2", channel="web"), extra={"tenant_id": "globex"})
    log.info("session.start", extra={"tenant_id": None})
    assert [line["tenant_id"] for line in log.lines()] == ["acme", "globex", "acme"]
    assert Counter(field for line in log.lines() for field in line)["tenant_id"] == 3


def test_seq_has_no_gaps_over_threads_and_follows_the_calls_of_each(log):
    start = threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        for _ in range(250):
            log.info(SessionStart(session_id=f"s{number}", channel="web"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = log.lines()
    assert sorted(line["seq"] for line in lines) == list(range(2000))
    for number in range(8):
        # Between taking its number and its place, a thread may be overtaken by another.
        own = [line["seq"] for line in lines if line["session_id"] == f"s{number}"]
        assert own == sorted(own)
    assert Counter(line["session_id"] for line in lines) == {f"s{number}": 250 for number in range(8)}
    assert len({line["emitter_id"] for line in lines}) == 1


def test_each_product_counts_for_itself(make_log):
    chatbot, workbench = make_log("ai_chatbot"), make_log("agent_workbench", random_bits=Random(2).getrandbits)
    for log in (chatbot, workbench, chatbot):
        log.info(AgentLogin(agent_id="a1", agent_name="Chen"))
    assert [line["seq"] for line in chatbot.lines()] == [0, 1]
    assert [line["seq"] for line in workbench.lines()] == [0]
    assert chatbot.last()["emitter_id"] != workbench.last()["emitter_id"]
    assert workbench.last()["product"] == "agent_workbench"


def test_new_start_is_a_new_emitter_that_counts_from_zero(tmp_path):
    for _ in range(2):
        get_logger("ai_chatbot", directory=tmp_path).info(SessionStart(session_id="s1", channel="web"))
        close_logger("ai_chatbot")
    files = sorted(tmp_path.iterdir())
    lines = [file.read_text().splitlines() for file in files]
    assert [len(each) for each in lines] == [1, 1]
    assert all('"seq":0' in each[0] for each in lines)
    assert len({re.search(r'"emitter_id":"([^"]+)"', each[0])[1] for each in lines}) == 2


def test_second_call_gives_the_same_logger_also_with_foreign_handlers(make_log):
    log = make_log()
    assert get_logger("ai_chatbot") is log.logger
    log.info(SessionStart(session_id="s1", channel="web"))
    log.info(SessionStart(session_id="s2", channel="web"))
    assert len(log.lines()) == 2


def test_event_below_the_level_costs_nothing_and_no_seq(log):
    log.logger.debug(SessionStart(session_id="s1", channel="web"))
    log.logger.warning(SessionStart(session_id="s2", channel="web"))
    assert [(line["seq"], line["session_id"], line["level"]) for line in log.lines()] == [(0, "s2", "WARNING")]


def test_a_line_costs_well_under_a_millisecond(log):
    began = time.perf_counter()
    for _ in range(2000):
        log.info(SessionStart(session_id="s1", channel="web"))
    assert (time.perf_counter() - began) / 2000 < 0.001
