"""Without a thread: lines at once, or some together; what writes them, what loses them, and who counts."""

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


def test_lines_are_written_together_when_so_many_have_come(make_log):
    log = make_log(batch_size=4)
    counts = []
    for number in range(9):
        (log.emit if number % 2 else log.info)(EVENT)
        counts.append(log.path.read_bytes().count(b"\n") if log.path.exists() else 0)
    # The first one of a process opens the file.
    assert counts == [1, 1, 1, 1, 5, 5, 5, 5, 9]
    close_logger("ai_chatbot")
    assert [line["seq"] for line in log.lines()] == list(range(9))


def test_collected_lines_are_those_that_would_be_written_at_once(make_log):
    written = []
    for batch_size in (1, 100):
        log = make_log(batch_size=batch_size)
        for _ in range(3):
            log.emit(EVENT)
        close_logger("ai_chatbot")
        written.append(log.path.read_bytes())
        log.path.unlink()
    assert written[0] == written[1]


def test_flush_writes_what_is_collected(make_log):
    log = make_log(batch_size=100)
    log.emit(EVENT)
    assert log.emit(EVENT) is not None
    assert len(log.lines()) == 1
    log.logger.handlers[0].flush()
    assert len(log.lines()) == 2
    log.logger.handlers[0].flush()
    assert len(log.lines()) == 2


def test_exit_of_the_interpreter_writes_what_is_collected_and_a_kill_loses_it(tmp_path):
    code = """
import os, sys
from emitter import SessionStart, get_logger
log = get_logger("ai_chatbot", directory=sys.argv[1], filename=sys.argv[2], background=False, batch_size=100)
for _ in range(3):
    log.emit(SessionStart(session_id="s1", channel="web"))
if sys.argv[2] == "killed.jsonl":
    os.kill(os.getpid(), 9)
"""
    assert _run(code, tmp_path, "left.jsonl").returncode == 0
    assert _run(code, tmp_path, "killed.jsonl").returncode == -9
    assert [(tmp_path / f"{name}.jsonl").read_bytes().count(b"\n") for name in ("left", "killed")] == [3, 1]


def test_child_after_a_fork_does_not_write_what_the_parent_has_collected(tmp_path):
    code = """
import os, sys
from emitter import SessionStart, close_logger, get_logger
log = get_logger("ai_chatbot", directory=sys.argv[1], filename="parent.jsonl", background=False, batch_size=100)
log.emit(SessionStart(session_id="parent", channel="web"))
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
    assert [line["session_id"] for line in by_file.pop("parent.jsonl")] == ["parent"] * 2
    [[line]] = by_file.values()
    assert (line["session_id"], line["seq"]) == ("child", 0)


def test_lines_that_cannot_be_written_wait_until_the_buffer_is_full_and_are_counted_then(tmp_path, capfd):
    (tmp_path / "logs").write_text("")
    log = get_logger("ai_chatbot", directory=tmp_path / "logs", background=False, buffer_size=4)
    # The line in whose call writing was tried waits beside the buffer.
    assert [log.emit(EVENT) for _ in range(7)] == [True] * 5 + [False] * 2
    [handler] = log.handlers
    assert (handler.lost_count, handler.health().waiting_count) == (2, 5)
    (tmp_path / "logs").unlink()
    assert log.emit(EVENT)
    close_logger("ai_chatbot")
    [file] = (tmp_path / "logs").iterdir()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["seq"] for line in lines] == [0, 1, 2, 3, 4, 8, 7]
    told = [(line["event"], line["lines_count"], line["reason"]) for line in lines if "lines_count" in line]
    assert told == [("emitter.dropped", 2, "buffer_full")]
    assert capfd.readouterr().err.count("(FileExistsError); the product goes on") == 1


def test_lines_at_once_are_the_default_without_a_thread(log):
    log.emit(EVENT)
    assert os.path.getsize(log.path) > 0  # noqa: PTH202 - as another process sees it
