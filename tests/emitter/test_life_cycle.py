"""How processes end and begin: what was accepted is written, and no two processes share a file or a seq."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

BEGIN = """
import asyncio, atexit, logging, multiprocessing, os, signal, sys, threading
from emitter import SessionStart, get_logger
log = get_logger("ai_chatbot", directory=sys.argv[1], flush_interval=5)
def write(count=100):
    for number in range(count):
        log.emit(SessionStart(session_id=f"{os.getpid()}-{number}", channel="web"))
"""


def _files(folder: Path) -> dict[str, list[dict]]:
    return {
        path.name: [json.loads(line) for line in path.read_bytes().splitlines()] for path in sorted(folder.iterdir())
    }


def _run(folder: Path, code: str) -> dict[str, list[dict]]:
    """The lines of each file that a program leaves."""
    run = subprocess.run(
        [sys.executable, "-c", BEGIN + code, str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert "emitter:" not in run.stderr
    return _files(folder)


@pytest.mark.parametrize(
    "end",
    [
        "write()",
        "write(); sys.exit(3)",
        "write(); 1 / 0",
        "write(); logging.shutdown()",
        "write(); os.kill(os.getpid(), signal.SIGTERM); signal.pause()",
        "write(); os.kill(os.getpid(), signal.SIGINT); signal.pause()",
        "write(99); atexit.register(write, 1)",
        "atexit.register(write, 1); write(99)",
        "write(50); logging.shutdown(); write(50)",
        "threading.Thread(target=write).start()",
        "async def main():\n    write()\nasyncio.run(main())",
    ],
)
def test_everything_is_written_at_the_end_of(end, tmp_path):
    [(name, lines)] = (
        _run(tmp_path, end).items() if "logging.shutdown(); write" not in end else [_joined(tmp_path, end)]
    )
    assert [line["seq"] for line in lines] == list(range(100))
    assert re.fullmatch(r"ai_chatbot-[\w.-]+-\d+-\d{8}T\d{12}\.jsonl", name)


def _joined(folder: Path, code: str) -> tuple[str, list[dict]]:
    """A shutdown finishes the file; what comes later has one of its own."""
    files = _run(folder, code)
    assert [len(lines) for lines in files.values()] == [50, 50]
    return next(iter(files)), [line for lines in files.values() for line in lines]


@pytest.mark.parametrize("background", [True, False])
def test_sigterm_ends_the_process_as_ever(tmp_path, background):
    code = (
        BEGIN.replace("flush_interval=5", f"background={background}")
        + "write(); os.kill(os.getpid(), 15); signal.pause()"
    )
    run = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, timeout=60, check=False)
    assert run.returncode == -signal.SIGTERM
    [lines] = _files(tmp_path).values()
    assert len(lines) == 100


def test_product_s_own_handler_of_sigterm_stays_and_may_log(tmp_path):
    code = """
def stop(*_):
    write(1)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
get_logger("other", directory=sys.argv[1])
assert signal.getsignal(signal.SIGTERM) is stop
write(99)
os.kill(os.getpid(), signal.SIGTERM)
signal.pause()
"""
    [lines] = _run(tmp_path, code).values()
    assert [line["seq"] for line in lines] == list(range(100))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_multiprocessing_write_everything_into_files_of_their_own(tmp_path, method):
    (tmp_path / "program.py").write_text(
        BEGIN.replace("sys.argv[1]", repr(str(tmp_path / "logs")))
        + f"""
def work(_):
    write(10)
if __name__ == "__main__":
    context = multiprocessing.get_context("{method}")
    write(5)
    processes = [context.Process(target=work, args=(None,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    with context.Pool(2, maxtasksperchild=1) as pool:
        pool.map(work, range(4), chunksize=1)
        pool.close()
        pool.join()
    write(5)
"""
    )
    run = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    files = _files(tmp_path / "logs")
    assert sorted(len(lines) for lines in files.values()) == [10] * 8
    for name, lines in files.items():
        [pid] = {line["session_id"].partition("-")[0] for line in lines}
        assert f"-{pid}-" in name
        assert [line["seq"] for line in lines] == list(range(10))
    assert len({line["emitter_id"] for lines in files.values() for line in lines}) == 8
    assert len({line["event_id"] for lines in files.values() for line in lines}) == 80


def test_forks_in_the_middle_of_writing_threads_neither_hang_nor_share_anything(tmp_path):
    code = """
is_over = threading.Event()
threads = [threading.Thread(target=lambda: [write(20) for _ in iter(is_over.is_set, True)]) for _ in range(2)]
for thread in threads:
    thread.start()
for _ in range(8):
    child = os.fork()
    if child == 0:
        is_over.set()
        write(20)
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
is_over.set()
for thread in threads:
    thread.join()
"""
    files = _run(tmp_path, code)
    assert len(files) == 9
    for lines in files.values():
        seqs = sorted(line["seq"] for line in lines)
        # The parent's threads may be faster than the disk: then some are dropped, and counted.
        dropped = sum(line.get("lines_count", 0) for line in lines)
        assert len(set(seqs)) == len(seqs) == seqs[-1] + 1 - dropped
        assert len({line["emitter_id"] for line in lines}) == 1
    assert sorted(len(lines) for lines in files.values())[:8] == [20] * 8


def test_worker_that_is_forked_before_any_event_like_those_of_gunicorn_ends_on_sigterm(tmp_path):
    code = """
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        write(100)
        os.write(1, b"ready\\n")
        signal.pause()
    children.append(child)
"""
    program = BEGIN + code + "\nfor child in children:\n    os.waitpid(child, 0)\n"
    with subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n"] * 2
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for child in children:
            subprocess.run(["kill", "-TERM", child], check=True)
    assert [[line["seq"] for line in lines] for lines in _files(tmp_path).values()] == [list(range(100))] * 2


def test_configuration_of_logging_does_not_switch_events_off(tmp_path):
    code = """
import logging.config
write(1)
logging.config.dictConfig({"version": 1})
write(1)
log.disabled = True
write(1)
"""
    lines = [line for lines in _run(tmp_path, code).values() for line in lines]
    assert [line["seq"] for line in lines] == [0, 1, 2]
