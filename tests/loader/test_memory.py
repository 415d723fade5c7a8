"""Memory does not grow with the file, however long its lines."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loader.ingest import MAX_LINE_BYTES
from tests.loader.conftest import Ask, event_line

PeakOf = Callable[[Path], int]

# What the goal allows a process of the loader in all, at any size of a file.
_LIMIT_MIB = 150
_LINES = 300_000


@pytest.fixture
def peak_of(database: str) -> PeakOf:
    """The peak MiB of a loader that ingests a file, as the kernel counts it for the process alone."""
    program = (
        "import re, sys\nfrom loader.__main__ import main\n"
        "try:\n    main()\nfinally:\n"
        "    print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr)"
    )

    def run(path: Path) -> int:
        done = subprocess.run(
            [sys.executable, "-c", program, "ingest", path, "--quiet"],
            env={"DATABASE_URL": database, "PATH": "/usr/bin:/bin"},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode in (0, 3), done.stderr
        return int(done.stderr.split()[-1]) // 1024

    return run


def _many_lines() -> Iterator[bytes]:
    """As the emitter lays them out, 120 MB of them."""
    line = event_line(1, note="x" * 150).replace(b'": ', b'":').replace(b', "', b',"')
    for number in range(_LINES):
        yield line.replace(b'"event-1"', b'"event-%d"' % number)


def _longest_lines() -> Iterator[bytes]:
    """Of the greatest length: good ones, broken ones, such that COPY needs twice the room for, and longer ones."""
    room = MAX_LINE_BYTES - len(event_line(1, note=""))
    for _ in range(30):
        yield event_line(1, note="x" * room)
        yield event_line(1, note="x" * room, seq="no number")
        yield event_line(1, note="\\" * (room // 2))
        yield event_line(1, note="名" * (room // 6))
        yield event_line(1, note="x" * 3 * room)


@pytest.mark.parametrize("lines", [_many_lines, _longest_lines])
def test_memory_stays_below_its_limit_at_any_size_of_a_file(
    tmp_path: Path, peak_of: PeakOf, ask: Ask, lines: Callable[[], Iterator[bytes]]
) -> None:
    path = tmp_path / "large.jsonl"
    with path.open("wb") as out:
        out.writelines(lines())

    peak = peak_of(path)

    assert peak < _LIMIT_MIB
    [(read, size)] = ask("select sum(lines_read), sum(bytes_to - bytes_from) from raw.loads")
    assert (read, size) == (sum(1 for _ in lines()), path.stat().st_size)
