"""The simulator's bulk mode: lines a second on one core, and memory, against 100,000 lines a second.

``python -m bench.simulator DAYS`` plays so many days instead of 30; 420 are 10 million lines.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from .ratio import ratio_line, spread

_REPETITIONS = 3
_SESSIONS_PER_DAY = 1000
_GOAL_LINES_PER_SECOND = 100_000


def main(days: int = 30) -> int:
    """Run the benchmark; the exit code is 0 whether goals are met or not."""
    seconds, lines = [], 0
    for _ in range(_REPETITIONS if days <= 100 else 1):
        folder = Path(tempfile.mkdtemp(prefix="support-warehouse-bench-"))
        try:
            began = perf_counter()
            _generate(days, folder / "world")
            seconds.append(perf_counter() - began)
            lines = sum(_line_count(path) for path in sorted((folder / "world" / "logs").iterdir()))
        finally:
            shutil.rmtree(folder)
    # Kilobytes on Linux; of the largest of the processes that have ended.
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{len(seconds)} repetitions of {lines:,} lines, start of the process included", file=sys.stderr)
    print(f"seconds  {spread(seconds)}: {lines / sorted(seconds)[len(seconds) // 2]:,.0f} lines/s", file=sys.stderr)
    print(f"memory   {peak_mib:.0f} MiB at most", file=sys.stderr)
    print(ratio_line("simulator_bulk_to_100k_lines_s", seconds, [lines / _GOAL_LINES_PER_SECOND], goal=1.0))
    return 0


def _generate(days: int, out: Path) -> None:
    command = [sys.executable, "-m", "simulator", "generate", "--bulk", "--days", str(days)]
    size = ["--sessions-per-day", str(_SESSIONS_PER_DAY), "--out", str(out)]
    subprocess.run([*command, *size], check=True, capture_output=True)


def _line_count(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
