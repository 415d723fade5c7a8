"""Lines a second that come into files and stay, from threads and processes, and the memory that it takes.

The caller waits where the buffer is full (``when_full="block"``), so that nothing is lost; the peer is the standard
library's logging with python-json-logger, which writes each line in the caller's call.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from emitter import SessionMessage, close_logger, get_logger

from ..ratio import bound_line, gain_line, spread
from .page import table
from .peers import ready, synchronous

_LINES = 100_000
_REPETITIONS = 5
#: More than this a product would notice.
_MEMORY_MIB = 48.0


def main() -> str:
    """Measure each shape in processes of their own, several times; the table of medians."""
    rows = []
    for shape in _SHAPES:
        ours: list[float] = []
        theirs: list[float] = []
        memory: list[float] = []
        lost: list[int] = []
        for _ in range(_REPETITIONS):
            theirs.append(_measured("stdlib", shape)["seconds"])
            result = _measured("emitter", shape)
            ours.append(result["seconds"])
            memory.append(result["memory_mib"])
            lost.append(_LINES - int(result["lines"]))
        print(f"{shape}: {_REPETITIONS} repetitions of {_LINES:,} lines", file=sys.stderr)
        print(f"  emitter {spread([_LINES / seconds for seconds in ours])} lines a second", file=sys.stderr)
        print(f"  stdlib  {spread([_LINES / seconds for seconds in theirs])} lines a second", file=sys.stderr)
        print(f"  emitter {spread(memory)} MiB more at the peak; lines lost: {sum(lost)}", file=sys.stderr)
        print(gain_line(f"emitter_lines_a_second_{shape}_to_stdlib", theirs, ours, goal=1.0))
        print(bound_line(f"emitter_lines_lost_{shape}", max(lost), 0))
        print(bound_line(f"emitter_memory_mib_{shape}", max(memory), _MEMORY_MIB))
        speeds = [f"{_LINES / median(seconds):,.0f}" for seconds in (ours, theirs)]
        rows.append([shape.replace("_", " "), *speeds, str(sum(lost)), f"{max(memory):.1f}"])
    head = [
        "lines a second that stay in files",
        "emitter",
        "stdlib, synchronous",
        "lost",
        "memory more at the peak, MiB",
    ]
    return table(head, rows)


def _measured(way: str, shape: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [sys.executable, "-m", "bench.emitter.load", way, shape, folder], check=True, capture_output=True, text=True
        )
        result: dict[str, float] = json.loads(run.stdout)
        peaks = [float(path.read_text()) for path in Path(folder).glob("*.memory")]
        result["memory_mib"] = max(peaks, default=0.0) - result["memory_before_mib"]
        result["lines"] = sum(path.read_bytes().count(b"\n") for path in Path(folder).rglob("*.jsonl"))
    return result


def _write(way: str, folder: str, count: int) -> None:
    """Log so many events; returns when they are in the file."""
    if way == "stdlib":
        with ready(synchronous, Path(folder)) as call:
            for number in range(count):
                call(number)
        return
    log = get_logger("bench", directory=folder, when_full="block", block_timeout=60)
    for number in range(count):
        log.emit(SessionMessage(session_id="s1", role="ai", message_length=number, response_time_ms=900))
    log.handlers[0].flush()
    _note_peak(folder)


def _one_thread(way: str, folder: str) -> None:
    _write(way, folder, _LINES)


def _threads(way: str, folder: str) -> None:
    if way == "stdlib":
        with ready(synchronous, Path(folder)) as call:
            _together(
                [threading.Thread(target=lambda: [call(number) for number in range(_LINES // 4)]) for _ in range(4)]
            )
        return
    _together([threading.Thread(target=_write, args=(way, folder, _LINES // 4)) for _ in range(4)])


def _processes(way: str, folder: str) -> None:
    context = multiprocessing.get_context("fork")
    folders = [folder if way == "emitter" else f"{folder}/{number}" for number in range(4)]
    for each in folders:
        Path(each).mkdir(exist_ok=True)
    _together([context.Process(target=_write, args=(way, each, _LINES // 4)) for each in folders])


def _together(workers: list[threading.Thread] | list[multiprocessing.context.ForkProcess]) -> None:
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


_SHAPES: dict[str, Callable[[str, str], None]] = {
    "1_thread": _one_thread,
    "4_threads": _threads,
    "4_processes": _processes,
}


def _note_peak(folder: str) -> None:
    Path(folder, f"{os.getpid()}-{threading.get_ident()}.memory").write_text(str(_mib("VmHWM")))


def _mib(name: str) -> float:
    """Memory of this process: ``VmRSS`` now, ``VmHWM`` at its peak."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    _before = _mib("VmRSS")
    _began = perf_counter()
    _SHAPES[sys.argv[2]](sys.argv[1], sys.argv[3])
    close_logger("bench")
    print(json.dumps({"seconds": perf_counter() - _began, "memory_before_mib": _before}))
