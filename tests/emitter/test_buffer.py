"""Lines that are collected before they are written: what writes them, what loses them, and who counts."""

import json
import os
import subprocess
import sys

from emitter import SessionStart, close_logger, get_logger

EVENT = SessionStart(session_id="s1", channel="web")


def _run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


def test_lines_are_written_together_when_the_buffer_is_full(make_log):
    log = make_log(buffer_bytes=1000)
    counts = []
    for number in range(9):
        (log.emit if number % 2 else log.info)(EVENT)
        counts.append(log.path.read_bytes().count(b"\n") if log.path.exists() else 0)
    # A line is some 330 bytes long: the fourth fills the buffer.
    assert counts == [0, 0, 0, 4, 4, 4, 4, 8, 8]
    close_logger("ai_chatbot")
    assert [line["seq"] for line in log.lines()] == list(range(9))


def test_collected_lines_are_those_that_would_be_written_at_once(make_log):
    written = []
    for buffer_bytes in (0, 10_000):
        log = make_log(buffer_bytes=buffer_bytes)
        for _ in range(3):
            log.emit(EVENT)
        close_logger("ai_chatbot")
        written.append(log.path.read_bytes())
        log.path.unlink()
    assert written[0] == written[1]


def test_flush_writes_what_is_collected(make_log):
    log = make_log(buffer_bytes=10_000)
    assert log.emit(EVENT) is not None
    assert not log.path.exists()
    log.logger.handlers[0].flush()
    assert len(log.lines()) == 1
    log.logger.handlers[0].flush()
    assert len(log.lines()) == 1


def test_buffer_without_a_line_makes_no_file(tmp_path):
    log = get_logger("ai_chatbot", directory=tmp_path / "logs", buffer_bytes=10_000)
    log.handlers[0].flush()
    close_logger("ai_chatbot")
    assert not (tmp_path / "logs").exists()


def test_exit_of_the_interpreter_writes_what_is_collected_and_a_kill_loses_it(tmp_path):
    code = """
import os, sys
from emitter import SessionStart, get_logger
log = get_logger("ai_chatbot", directory=sys.argv[1], filename=sys.argv[2], buffer_bytes=10_000)
log.emit(SessionStart(session_id="s1", channel="web"))
if sys.argv[2] == "killed.jsonl":
    os.kill(os.getpid(), 9)
"""
    assert _run(code, tmp_path, "left.jsonl").returncode == 0
    assert _run(code, tmp_path, "killed.jsonl").returncode == -9
    assert [path.name for path in tmp_path.iterdir()] == ["left.jsonl"]
    assert (tmp_path / "left.jsonl").read_bytes().count(b"\n") == 1


def test_child_after_a_fork_does_not_write_what_the_parent_has_collected(tmp_path):
    code = """
import os, sys
from emitter import SessionStart, close_logger, get_logger
log = get_logger("ai_chatbot", directory=sys.argv[1], filename="parent.jsonl", buffer_bytes=10_000)
log.emit(SessionStart(session_id="parent", channel="web"))
for writes in (False, True):
    child = os.fork()
    if child == 0:
        if writes:
            log.emit(SessionStart(session_id="child", channel="web"))
        sys.exit(0)
    os.waitpid(child, 0)
"""
    run = _run(code, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    by_file = {path.name: [json.loads(line) for line in path.read_text().splitlines()] for path in tmp_path.iterdir()}
    assert [line["session_id"] for line in by_file.pop("parent.jsonl")] == ["parent"]
    [[line]] = by_file.values()
    assert (line["session_id"], line["seq"]) == ("child", 0)


def test_all_collected_lines_that_cannot_be_written_are_counted(tmp_path, capfd):
    (tmp_path / "logs").write_text("")
    log = get_logger("ai_chatbot", directory=tmp_path / "logs", buffer_bytes=1000)
    assert [log.emit(EVENT) is None for _ in range(5)] == [False, False, False, True, False]
    [handler] = log.handlers
    assert handler.lost_count == 4
    close_logger("ai_chatbot")
    assert handler.lost_count == 5
    assert capfd.readouterr().err.count("(FileExistsError); the product goes on") == 1


def test_full_disk_costs_the_collected_lines_that_did_not_fit_and_no_other(tmp_path):
    code = """
import resource, signal, sys
from emitter import SessionStart, get_logger
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = get_logger("ai_chatbot", directory=sys.argv[1], filename="x.jsonl", buffer_bytes=10_000)
def write(count):
    for _ in range(count):
        log.emit(SessionStart(session_id="s1", channel="web"))
    log.handlers[0].flush()
free = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1200, free[1]))
write(5)
write(2)
resource.setrlimit(resource.RLIMIT_FSIZE, free)
write(2)
print(log.handlers[0].lost_count)
"""
    run = _run(code, tmp_path)
    lines = (tmp_path / "x.jsonl").read_bytes().splitlines()
    # Lines are some 330 bytes long: of the first five the fourth is cut; the next two do not get in at all.
    assert [json.loads(line)["seq"] for line in lines if line.endswith(b"}")] == [0, 1, 2, 7, 8]
    assert len([line for line in lines if not line.endswith(b"}")]) == 1
    assert run.stdout == "4\n"


def test_lines_at_once_are_the_default(log):
    log.emit(EVENT)
    assert os.path.getsize(log.path) > 0  # noqa: PTH202 - as another process sees it
