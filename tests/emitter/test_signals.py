"""Signals at any moment: no line twice, none lost, and a process that ends when it is told to."""

import json
import os
import signal
import subprocess
import sys

import pytest

BEGIN = """
import os, signal, sys, threading, time
from emitter import SessionStart, get_logger
EVENT = SessionStart(session_id="s1", channel="web")
"""


def _run(code: str, folder) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + code, str(folder)], capture_output=True, text=True, timeout=30, check=False
    )


def _seqs(folder) -> list[int]:
    return [json.loads(line)["seq"] for path in folder.iterdir() for line in path.read_bytes().splitlines()]


def test_handler_that_logs_while_a_line_is_written_doubles_none(tmp_path):
    code = """
log = get_logger("p", directory=sys.argv[1], background=False)
signal.signal(signal.SIGALRM, lambda *_: log.emit(EVENT))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0005)
end = time.monotonic() + 1
while time.monotonic() < end:
    log.emit(EVENT)
signal.setitimer(signal.ITIMER_REAL, 0)
"""
    run = _run(code, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    seqs = _seqs(tmp_path)
    assert sorted(seqs) == list(range(len(seqs)))


def test_handler_that_raises_while_a_line_is_written_doubles_none_and_tears_none(tmp_path):
    code = """
class Enough(BaseException):
    pass
def stop(*_):
    raise Enough
log = get_logger("p", directory=sys.argv[1], background=False)
signal.signal(signal.SIGALRM, stop)
for number in range(1500):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.00005 + number % 100 * 0.000002)
        while True:
            log.emit(EVENT)
    except Enough:
        pass
log.emit(EVENT)
"""
    run = _run(code, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    seqs = _seqs(tmp_path)
    assert len(seqs) == len(set(seqs))


def test_stalled_disk_does_not_hold_a_process_without_the_thread_that_is_to_end(tmp_path):
    os.mkfifo(tmp_path / "x.jsonl")
    code = """
log = get_logger("p", directory=sys.argv[1], filename="x.jsonl", background=False, close_timeout=0.2)
print("ready", flush=True)
log.emit(EVENT)
"""
    with subprocess.Popen([sys.executable, "-c", BEGIN + code, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM


@pytest.mark.parametrize("background", [True, False])
def test_sigterm_loses_nothing_of_threads_that_go_on_logging(tmp_path, background):
    code = f"""
import mmap
note = mmap.mmap(os.open(sys.argv[1] + "/note", os.O_RDWR), 24).__enter__()
log = get_logger("p", directory=sys.argv[1] + "/logs", background={background})
counts = memoryview(note).cast("Q")
is_busy, never = threading.Event(), threading.Event()
def write(number):
    while not never.wait(0.001):
        for _ in range(10):
            counts[number] += log.emit(SessionStart(session_id=str(number), channel="web"))
        if sum(counts) >= 300:
            is_busy.set()
for number in range(3):
    threading.Thread(target=write, args=(number,), daemon=True).start()
is_busy.wait()
os.kill(os.getpid(), signal.SIGTERM)
signal.pause()
"""
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "note").write_bytes(bytes(24))
        run = _run(code, folder)
        assert (run.returncode, run.stderr) == (-signal.SIGTERM, "")
        accepted = memoryview((folder / "note").read_bytes()).cast("Q")
        lines = [json.loads(line) for path in (folder / "logs").iterdir() for line in path.read_bytes().splitlines()]
        for thread in range(3):
            # A call that was about to return may not have noted its event.
            written = sum(line.get("session_id") == str(thread) for line in lines)
            assert written - accepted[thread] in (0, 1)


def test_logger_of_another_thread_is_ready_for_sigterm_once_the_main_thread_asks(tmp_path):
    code = """
thread = threading.Thread(target=lambda: get_logger("p", directory=sys.argv[1]))
thread.start()
thread.join()
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
get_logger("p").emit(EVENT)
os.kill(os.getpid(), signal.SIGTERM)
"""
    assert _run(code, tmp_path).returncode == -signal.SIGTERM
    assert _seqs(tmp_path) == [0]
