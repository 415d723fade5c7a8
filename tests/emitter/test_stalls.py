"""What a stalled or full disk, a refused thread and many callers at once may not do to a product."""

import errno
import json
import os
import subprocess
import sys
import threading
import time

import pytest

from emitter import SessionStart, close_logger, get_logger

EVENT = SessionStart(session_id="s1", channel="web")


@pytest.fixture
def pipe(tmp_path):
    """A named pipe in the place of the file: it stalls as long as nobody reads."""
    os.mkfifo(tmp_path / "x.jsonl")
    yield tmp_path / "x.jsonl"
    reader = os.open(tmp_path / "x.jsonl", os.O_RDONLY | os.O_NONBLOCK)
    close_logger("stalled")
    os.close(reader)


def wait_until_stalled(log):
    """Until the thread is in a write that does not come back."""
    deadline = time.monotonic() + 30
    while log.health().is_well:
        assert time.monotonic() < deadline
        os.sched_yield()


def _run(code: str, folder) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=30, check=False
    )


def test_first_events_of_many_threads_wait_for_no_disk(tmp_path):
    code = """
import os, sys, threading
from emitter import SessionStart, get_logger
for number in range(40):
    folder = f"{sys.argv[1]}/{number}"
    os.mkdir(folder)
    os.mkfifo(folder + "/x.jsonl")
    log = get_logger(f"p{number}", directory=folder, filename="x.jsonl", buffer_size=1, close_timeout=0.01)
    barrier = threading.Barrier(4)
    def write(log=log, barrier=barrier):
        barrier.wait()
        log.emit(SessionStart(session_id="s1", channel="web"))
        log.flush(0)
    threads = [threading.Thread(target=write, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)
os._exit(0)
"""
    run = _run(code, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")


def test_refused_thread_lets_events_wait_and_is_tried_again(tmp_path, monkeypatch, capfd):
    def refuse(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    log = get_logger("refused", directory=tmp_path, flush_interval=0.001)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        assert log.emit(EVENT)
        assert (log.health().waiting_count, log.health().error) == (1, "no thread to write: can't start new thread")
    deadline = time.monotonic() + 30
    while not log.handlers[0].writes_in_caller and log.health().written_count == 0:
        assert time.monotonic() < deadline
        log.emit(EVENT)
    assert (log.handlers[0].writes_in_caller, log.flush(), log.health().error) == (False, True, None)
    close_logger("refused")
    capfd.readouterr()


def test_close_finds_an_end_while_others_log_and_loses_nothing(tmp_path):
    log = get_logger("busy", directory=tmp_path, buffer_size=2000, close_timeout=0.3)
    [handler] = log.handlers
    is_over = threading.Event()
    accepted = []

    def write() -> None:
        count = 0
        while not is_over.is_set():
            count += log.emit(EVENT)
        accepted.append(count)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        handler.close()
        assert log.flush(30)
    is_over.set()
    for thread in threads:
        thread.join()
    handler.close()
    close_logger("busy")
    lines = [json.loads(line) for path in tmp_path.iterdir() for line in path.read_bytes().splitlines()]
    told = [line["lines_count"] for line in lines if line["event"] == "emitter.dropped"]
    assert len(lines) - len(told) == sum(accepted)
    assert sum(told) == handler.lost_count


def test_flush_says_whether_all_is_written_and_waits_no_longer_than_it_may(pipe):
    log = get_logger("stalled", directory=pipe.parent, filename=pipe.name)
    assert log.flush(0)
    log.emit(EVENT)
    began = time.monotonic()
    assert not log.flush(0.2)
    assert 0.2 <= time.monotonic() - began < 5
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert log.flush(30)
    os.close(reader)


def test_health_says_that_a_write_does_not_come_back(pipe):
    log = get_logger("stalled", directory=pipe.parent, filename=pipe.name, flush_interval=0.001)
    log.emit(EVENT)
    wait_until_stalled(log)
    assert log.health().error == "a write has taken more than 1 s"


def test_several_that_stall_share_one_timeout_at_the_end(tmp_path):
    code = """
import os, sys, time
from emitter import SessionStart, get_logger
for number in range(3):
    os.mkfifo(f"{sys.argv[1]}/{number}.jsonl")
    log = get_logger(f"p{number}", directory=sys.argv[1], filename=f"{number}.jsonl", close_timeout=1)
    log.emit(SessionStart(session_id="s1", channel="web"))
print(time.time())
"""
    run = _run(code, tmp_path)
    assert 1 <= time.time() - float(run.stdout) < 2.5


def test_event_larger_than_all_room_comes_in_alone_and_who_waits_gets_its_turn(tmp_path):
    log = get_logger("large", directory=tmp_path, when_full="block", block_timeout=30)
    large = SessionStart(session_id="s1", channel="web", user_agent="x" * 17 * 1024 * 1024)
    assert [log.emit(large) for _ in range(3)] == [True] * 3
    close_logger("large")
    [file] = tmp_path.iterdir()
    assert [json.loads(line)["seq"] for line in file.read_bytes().splitlines()] == [0, 1, 2]


def test_fields_without_text_count_as_memory_too(pipe):
    log = get_logger("stalled", directory=pipe.parent, filename=pipe.name, close_timeout=0.1)
    fields = {f"field_{number}": number for number in range(5000)}
    # Else the thread takes up to 64 more, as chance has it, before it stalls.
    assert log.emit("x.many", extra=fields)
    wait_until_stalled(log)
    accepted = [log.emit("x.many", extra=fields) for _ in range(400)].count(True)
    # Some 88 kB each as they wait, in 16 MiB.
    assert 180 < accepted < 200


def test_timeout_without_end_is_one(tmp_path):
    log = get_logger("patient", directory=tmp_path, close_timeout=float("inf"))
    log.emit(EVENT)
    log.handlers[0].flush()
    assert log.health().written_count == 1
    close_logger("patient")


def test_folder_stays_where_it_was_when_the_process_moves(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    log = get_logger("moving", directory="logs")
    monkeypatch.chdir("elsewhere")
    log.emit(EVENT)
    close_logger("moving")
    assert [path.name for path in tmp_path.iterdir() if path.name != "elsewhere"] == ["logs"]
    assert not list((tmp_path / "elsewhere").iterdir())


def test_half_line_is_cut_off_a_file_that_others_made_shorter(tmp_path):
    code = """
import os, resource, signal, sys
from emitter import SessionStart, get_logger
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = get_logger("full", directory=sys.argv[1], filename="x.jsonl", background=False)
log.emit(SessionStart(session_id="s1", channel="web"))
os.truncate(sys.argv[1] + "/x.jsonl", 0)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
log.emit(SessionStart(session_id="s1", channel="web"))
"""
    assert _run(code, tmp_path).returncode == 0
    assert (tmp_path / "x.jsonl").read_bytes() == b""


def test_lines_that_wait_for_room_do_not_go_into_a_file_that_was_deleted_to_make_it(tmp_path, monkeypatch, capfd):
    def refuse(_descriptor: int, _lines: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    log = get_logger("full", directory=tmp_path, background=False)
    assert log.emit(EVENT)
    [first] = tmp_path.iterdir()
    with monkeypatch.context() as disk:
        disk.setattr(os, "write", refuse)
        assert log.emit(EVENT)
    assert log.health().error == "OSError: No space left on device"
    first.unlink()
    assert log.emit(EVENT)
    [second] = tmp_path.iterdir()
    assert [json.loads(line)["seq"] for line in second.read_bytes().splitlines()] == [1, 2]
    assert log.health().error is None
    close_logger("full")
    capfd.readouterr()


def test_flush_beside_a_close_is_answered_at_once(tmp_path):
    log = get_logger("beside", directory=tmp_path, flush_interval=5)
    [handler] = log.handlers
    answers = []
    began = time.monotonic()
    for _ in range(100):
        log.emit(EVENT)
        threads = [threading.Thread(target=handler.close)]
        threads += [threading.Thread(target=lambda: answers.append(log.flush(30))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [True] * 300
    # A request that nobody answers is noticed a tenth of a second later, or after its whole timeout.
    assert time.monotonic() - began < 10
    close_logger("beside")


def test_thread_whose_start_is_interrupted_leaves_the_next_event_free_to_begin_another(tmp_path, monkeypatch):
    def interrupt(_self: threading.Thread) -> None:
        raise KeyboardInterrupt

    log = get_logger("interrupted", directory=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupt)
        with pytest.raises(KeyboardInterrupt):
            log.emit(EVENT)
    assert log.emit(EVENT)
    assert log.flush(30)
    assert (log.health().written_count, log.handlers[0].writes_in_caller) == (2, False)
    close_logger("interrupted")


def test_first_events_after_a_close_wait_for_no_disk(tmp_path):
    code = """
import os, sys, threading
from emitter import SessionStart, get_logger
for number in range(20):
    folder = f"{sys.argv[1]}/{number}"
    log = get_logger(f"p{number}", directory=folder, filename="x.jsonl", buffer_size=1, close_timeout=0.01)
    log.emit(SessionStart(session_id="s1", channel="web"))
    assert log.flush(20)
    log.handlers[0].close()
    os.unlink(folder + "/x.jsonl")
    os.mkfifo(folder + "/x.jsonl")
    barrier = threading.Barrier(4)
    def write(log=log, barrier=barrier):
        barrier.wait()
        log.emit(SessionStart(session_id="s1", channel="web"))
        log.flush(0)
    threads = [threading.Thread(target=write, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)
os._exit(0)
"""
    run = _run(code, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
