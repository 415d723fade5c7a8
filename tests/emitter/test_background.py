"""The thread that writes: a disk that stalls stops nobody, what finds no room is counted, memory is bounded."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from emitter import EventError, SessionMessage, SessionStart, close_logger, get_logger

EVENT = SessionStart(session_id="s1", channel="web")


@pytest.fixture
def pipe(tmp_path):
    """A named pipe in the place of the file: it stalls as long as nobody reads, and then holds some 64 KiB."""
    os.mkfifo(tmp_path / "x.jsonl")
    yield tmp_path / "x.jsonl"
    close_logger("stalled")


class _Reader:
    """Reads a pipe to its end."""

    def __init__(self, pipe: Path) -> None:
        self._content = b""
        self._thread = threading.Thread(target=self._read, args=(pipe,))
        self._thread.start()

    def _read(self, pipe: Path) -> None:
        self._content = pipe.read_bytes()

    def lines(self) -> list[dict]:
        self._thread.join()
        return [json.loads(line) for line in self._content.splitlines()]


def _until(is_so) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        os.sched_yield()


def test_stalled_disk_stops_nobody_and_drops_show_as_gaps_and_as_a_count(pipe):
    log = get_logger("stalled", directory=pipe.parent, filename=pipe.name, buffer_size=100, close_timeout=30)
    began = time.perf_counter()
    ids = [log.emit_with_id(EVENT) for _ in range(1000)]
    assert time.perf_counter() - began < 1
    dropped = ids.count(None)
    # Besides those in the buffer, the thread may hold those that it is about to write.
    assert 800 <= dropped <= 900
    assert (log.health().lost_count, log.health().waiting_count) == (dropped, 1000 - dropped)
    reader = _Reader(pipe)
    log.handlers[0].flush()
    assert log.emit(EVENT)
    close_logger("stalled")
    lines = reader.lines()
    assert [line["event_id"] for line in lines if line["event"] == "session.start"][:-1] == [key for key in ids if key]
    told = [(line["seq"], line["lines_count"]) for line in lines if line["event"] == "emitter.dropped"]
    assert sum(count for _, count in told) == dropped
    assert max(line["seq"] for line in lines) + 1 - len({line["seq"] for line in lines}) == dropped


def test_who_prefers_to_wait_waits_for_room_and_loses_nothing(pipe):
    log = get_logger(
        "stalled", directory=pipe.parent, filename=pipe.name, buffer_size=10, when_full="block", block_timeout=60
    )
    reader = _Reader(pipe)
    assert False not in [log.emit(EVENT) for _ in range(2000)]
    close_logger("stalled")
    assert [line["seq"] for line in reader.lines()] == list(range(2000))


def test_who_prefers_to_wait_waits_no_longer_than_the_timeout(pipe):
    log = get_logger(
        "stalled", directory=pipe.parent, filename=pipe.name, buffer_size=1, when_full="block", block_timeout=0.01
    )
    ids = [log.emit_with_id(EVENT)]
    _until(lambda: not log.emit(EVENT))
    assert log.health().lost_count == 1
    reader = _Reader(pipe)
    close_logger("stalled")
    assert len(ids) == 1
    assert reader.lines()[0]["event_id"] == ids[0]


def test_large_events_take_so_much_memory_and_no_more(pipe):
    log = get_logger("stalled", directory=pipe.parent, filename=pipe.name)
    large = SessionStart(session_id="s1", channel="web", user_agent="x" * 1024 * 1024)
    dropped = [log.emit(large) for _ in range(200)].count(False)
    # The thread may hold 64 more.
    assert 100 <= dropped <= 185
    assert log.emit(EVENT)
    reader = _Reader(pipe)
    close_logger("stalled")
    assert len(reader.lines()) == 200 - dropped + 2


def test_close_waits_no_longer_than_its_timeout_and_counts_what_it_leaves(pipe, capfd):
    log = get_logger("stalled", directory=pipe.parent, filename=pipe.name, close_timeout=0.5)
    [handler] = log.handlers
    for _ in range(5):
        log.emit(EVENT)
    began = time.monotonic()
    close_logger("stalled")
    assert handler.lost_count == 5
    # Logging flushes and closes handlers at exit: nobody waits again for what was in vain.
    handler.flush()
    handler.close()
    assert 0.5 <= time.monotonic() - began < 0.9
    # What the thread was writing comes into the file with the disk, and is not lost after all.
    assert [line["seq"] for line in _Reader(pipe).lines()] == [0, 1, 2, 3, 4]
    _until(lambda: handler.lost_count == 0)


def test_events_are_written_within_the_flush_interval_without_anybody_asking(tmp_path):
    log = get_logger("calm", directory=tmp_path, flush_interval=0.01)
    log.emit(EVENT)
    _until(lambda: log.health().written_count == 1)
    [file] = tmp_path.iterdir()
    assert (file.name.endswith(".open.jsonl"), file.read_bytes().count(b"\n")) == (True, 1)
    close_logger("calm")


def test_what_changes_after_the_call_does_not_change_the_line(tmp_path):
    log = get_logger("changing", directory=tmp_path, flush_interval=5, capture_text=True)
    event = SessionMessage(session_id="s1", role="user", message_length=2, text="hi")
    issues, texts = ["a"], {"text": "first"}
    log.emit(event)
    log.emit("quality.audit_created", extra={"issues": issues})
    log.emit("session.message", extra=texts)
    event.text, event.role = "changed", "ai"
    issues.append("b")
    texts["text"] = "second"
    close_logger("changing")
    [file] = tmp_path.iterdir()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line.get("role"), line.get("text"), line.get("issues")) for line in lines] == [
        ("user", "hi", None),
        (None, None, ["a"]),
        (None, "first", None),
    ]


def test_order_of_the_file_is_the_order_of_the_calls_over_threads_that_take_turns(tmp_path):
    log = get_logger("turns", directory=tmp_path, when_full="block", block_timeout=60)
    barrier = threading.Barrier(4)

    def write(number: int) -> None:
        barrier.wait()
        for _ in range(3000):
            log.emit(SessionStart(session_id=f"s{number}", channel="web"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_logger("turns")
    [file] = tmp_path.iterdir()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert sorted(line["seq"] for line in lines) == list(range(12_000))
    assert len({line["event_id"] for line in lines}) == 12_000
    for number in range(4):
        own = [line["seq"] for line in lines if line["session_id"] == f"s{number}"]
        assert own == sorted(own)


def test_strict_raises_what_the_loader_would_say_and_names_no_value(tmp_path):
    log = get_logger("strict", directory=tmp_path, strict=True)
    for event, extra, said in [
        (
            SessionStart(session_id="secret", channel=object()),
            None,
            "session.start: channel: JSON has no form for this value",
        ),
        (
            SessionMessage(session_id="s1", role="secret", message_length=1),
            None,
            "session.message: role: not one of the allowed values",
        ),
        ("session.start", {"session_id": "secret"}, "session.start: Object missing required field `channel`"),
        (EVENT, {"tenant_id": 7}, "session.start: tenant_id: Expected `str`, got `int`"),
    ]:
        for call in (log.emit, log.info, log.warning):
            with pytest.raises(EventError) as raised:
                call(event, extra=extra)
            assert str(raised.value) == said
    assert log.emit(EVENT, extra={"region": "eu"})
    close_logger("strict")


def test_threads_that_wait_for_the_same_room_all_get_some(tmp_path):
    log = get_logger("crowd", directory=tmp_path, buffer_size=2, when_full="block", block_timeout=60)
    threads = [threading.Thread(target=lambda: [log.emit(EVENT) for _ in range(100)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_logger("crowd")
    assert log.health() is None
    [file] = tmp_path.iterdir()
    assert sorted(json.loads(line)["seq"] for line in file.read_text().splitlines()) == list(range(400))


def test_threads_that_ask_for_the_same_logger_at_once_get_one_handler(tmp_path):
    for number in range(50):
        barrier = threading.Barrier(4)

        def write(product: str, barrier=barrier) -> None:
            barrier.wait()
            get_logger(product, directory=tmp_path / product).emit(EVENT)

        threads = [threading.Thread(target=write, args=(f"asked{number}",)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        close_logger(f"asked{number}")
    contents = [path.read_bytes() for path in tmp_path.rglob("*.jsonl")]
    assert [content.count(b"\n") for content in contents] == [4] * 50
