"""``loader ingest`` against its limit, ``copy`` by psql of the very same rows, and against dlt; its memory.

The limit is what the server needs to take the rows: no JSON is read, nothing is checked, no position is kept. Both go
into an empty partition of the same table on the same embedded server, which the benchmark starts for itself, and both
are timed as whole commands. The peer dlt reads a part of the same files and is compared by the line; its start, which
takes seconds, is not counted.

``python -m bench.loader LINES`` measures the memory over so many lines instead of 10 million.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import cycle, islice, pairwise
from pathlib import Path
from statistics import median
from time import process_time

import psycopg
from psycopg import sql

from loader.binaries import find_binaries
from loader.connection import address, libpq_environment
from loader.copytext import COLUMNS
from loader.fingerprint import Fingerprint
from loader.ingest import BLOCK_LINES, MAX_LINE_BYTES
from loader.lines import Block, LineReader
from loader.parsing import Parser
from loader.sources import chunks, look_at, opened

from .cost import Cost, cost_of
from .ratio import gain_line, ratio_line, spread
from .workplace import Workplace, workplace

_REPETITIONS = 5
_SIZE = ("--days", "60", "--sessions-per-day", "1200")
_LOADED_ON = "2000-01-01"
_STAGE_PIECES = 400
_PEER_LINES = 40_000
_MEMORY_GOAL_MIB = 150.0
_MEMORY_LINES = 10_000_000
_LINES_PER_LONG_LINE = 50_000

# All columns in their order, the last one given anew: as if the rows had been loaded on another day.
_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
_COPY_OUT = sql.SQL("copy (select {}, cast({} as date) from raw.events) to stdout").format(
    sql.SQL(", ").join(map(sql.Identifier, COLUMNS[:-1])), sql.Literal(_LOADED_ON)
)
_COPY_IN = sql.SQL("copy raw.events ({}) from stdin").format(_COLUMNS)


def main(memory_lines: int = _MEMORY_LINES) -> int:
    """Run the benchmark; the exit code is 0 whether goals are met or not."""
    with workplace() as place:
        place.run("simulator", "generate", "--bulk", *_SIZE, "--out", place.folder / "world")
        bench = _Bench(place, place.folder / "world" / "logs")
        _compare_with_peer(bench, _compare(bench))
        _measure_memory(bench, memory_lines)
    return 0


def _compare(bench: "_Bench") -> list[float]:
    """Against psql and with two jobs; returns our seconds a line."""
    ours, theirs, twofold = [], [], []
    for _ in range(_REPETITIONS):
        ours.append(bench.ingest(bench.logs))
        theirs.append(bench.copy())
        twofold.append(bench.ingest(bench.logs, "--jobs", "2"))
    lines = bench.count()
    stages = _stages(bench.logs)
    print(f"{_REPETITIONS} repetitions of {lines:,} lines, seconds of the whole command", file=sys.stderr)
    for name, costs in (("loader ingest", ours), ("psql copy", theirs), ("with --jobs 2", twofold)):
        print(f"{name:<14} {spread([cost.seconds for cost in costs])}", file=sys.stderr)
    print("processor time, microseconds a line", file=sys.stderr)
    for stage, seconds in stages.items():
        print(f"  {stage:<34} {seconds * 1e6:6.2f}", file=sys.stderr)
    client = median(cost.client_seconds for cost in ours) / lines
    server = median(cost.server_seconds for cost in ours) / lines
    known = sum(stages.values())
    print(f"  {'sending, start, bookkeeping':<34} {(client - known) * 1e6:6.2f}", file=sys.stderr)
    print(f"  {'loader ingest in all':<34} {client * 1e6:6.2f}", file=sys.stderr)
    print(f"  {'server for it':<34} {server * 1e6:6.2f}", file=sys.stderr)
    print(f"  {'psql':<34} {median(cost.client_seconds for cost in theirs) / lines * 1e6:6.2f}", file=sys.stderr)
    print(
        f"  {'server for psql':<34} {median(cost.server_seconds for cost in theirs) / lines * 1e6:6.2f}",
        file=sys.stderr,
    )
    ceiling = 2 * max(client, server) / (client + server)
    print(
        f"one job works beside the server: two on two cores can be {ceiling:.2f} times as fast at most", file=sys.stderr
    )
    print(ratio_line("loader_ingest_to_psql_copy", _seconds(ours), _seconds(theirs), goal=1.0))
    print(gain_line("loader_two_jobs_to_one", _seconds(ours), _seconds(twofold), goal=1.6))
    return [seconds / lines for seconds in _seconds(ours)]


@dataclass(frozen=True)
class _Bench:
    """A running server, and logs to load."""

    place: Workplace
    logs: Path

    @cached_property
    def server_process(self) -> int:
        """The parent of all sessions."""
        with psycopg.connect(self.place.url) as connection:
            status = Path(f"/proc/{connection.info.backend_pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])

    @cached_property
    def psql(self) -> tuple[list[str | Path], dict[str, str]]:
        """The program itself, not by way of ``loader db psql``, and its environment."""
        parameters = {name: str(value) for name, value in psycopg.conninfo.conninfo_to_dict(self.place.url).items()}
        command: list[str | Path] = [find_binaries(self.place.environment) / "psql", "-qX", "-c"]
        return command, self.place.environment | libpq_environment(parameters)

    @cached_property
    def rows(self) -> Path:
        """What is in raw.events, as text for COPY, as if it had been loaded on another day."""
        path = self.place.folder / "rows.copy"
        command, environment = self.psql
        with path.open("wb") as out:
            subprocess.run([*command, _COPY_OUT.as_string()], env=environment, stdout=out, check=True)
        return path

    def ingest(self, source: Path, *options: str) -> Cost:
        """``loader ingest`` into an empty schema."""
        self._empty()
        command: list[str | Path] = [sys.executable, "-m", "loader", "ingest", source, "--json", *options]
        return cost_of(command, self.place.environment, self.server_process, codes=(0, 3))

    def copy(self) -> Cost:
        """Psql's copy of what the last ingest loaded, into an empty partition."""
        rows = self.rows
        self._empty()
        command, environment = self.psql
        return cost_of([*command, _COPY_IN.as_string()], environment, self.server_process, source=rows)

    def count(self) -> int:
        with psycopg.connect(self.place.url) as connection:
            row = connection.execute("select count(*) from raw.events").fetchone()
        return int(row[0]) if row else 0

    def _empty(self) -> None:
        with psycopg.connect(self.place.url, autocommit=True) as connection:
            connection.execute("truncate raw.events, raw.dead_letters, raw.loads, raw.source_files cascade")
            connection.execute("select raw.ensure_partition(%s)", (_LOADED_ON,))
            # So that no run pays for the pages of the one before.
            connection.execute("checkpoint")


def _seconds(costs: list[Cost]) -> list[float]:
    return [cost.seconds for cost in costs]


def _stages(logs: Path) -> dict[str, float]:
    """Processor seconds a line of the work before sending, by its parts, each measured alone on some of the lines."""
    marks = [process_time()]
    pieces = [*islice(_pieces(logs), _STAGE_PIECES)]
    marks.append(process_time())
    fingerprint = Fingerprint()
    for piece in pieces:
        fingerprint.update(piece)
    marks.append(process_time())
    reader = LineReader(Fingerprint(), 0, max_line_bytes=MAX_LINE_BYTES)
    items = [*reader.read(iter(pieces), is_archive=False, max_lines=BLOCK_LINES)]
    blocks = [item for item in items if isinstance(item, Block)]
    marks.append(process_time())
    parser, constants = Parser(), (1, 1, date(2000, 1, 1))
    for block in blocks:
        parser.check(block).copy_text(constants)
    marks.append(process_time())
    reading, hashing, cutting, checking = (after - before for before, after in pairwise(marks))
    lines = sum(block.count for block in blocks)
    return {
        "reading": reading / lines,
        "fingerprint": hashing / lines,
        "cutting into blocks of lines": (cutting - hashing) / lines,
        "checking, splitting into columns": checking / lines,
    }


def _pieces(logs: Path) -> Iterator[bytes]:
    for path in sorted(logs.iterdir()):
        with opened(look_at(path)) as log_file:
            yield from chunks(log_file)


def _compare_with_peer(bench: "_Bench", ours: list[float]) -> None:
    """dlt, in an environment of its own that goes with the workplace. ours: seconds a line."""
    place = bench.place
    folder = place.folder / "peer"
    folder.mkdir()
    with (folder / "part.jsonl").open("wb") as out:
        out.writelines(islice(_lines(bench.logs), _PEER_LINES))
    uv = shutil.which("uv") or Path(sys.executable).with_name("uv")
    python = folder / "venv" / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder / "venv"], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "dlt[postgres]"], check=True)
    environment = place.environment | {"HOME": str(folder), "RUNTIME__DLTHUB_TELEMETRY": "false"}
    theirs = []
    for _ in range(_REPETITIONS):
        with psycopg.connect(place.url, autocommit=True) as connection:
            connection.execute("drop database if exists peer")
            connection.execute("create database peer")
        with psycopg.connect(place.url) as connection:
            target = address(
                connection.info.get_parameters() | {"password": connection.info.password, "dbname": "peer"}
            )
        script = Path(__file__).with_name("dlt_peer.py")
        cost = cost_of([python, script, target, folder], environment, bench.server_process)
        theirs.append(float(cost.stdout.split()[-1]) / _PEER_LINES)
    print(f"{_REPETITIONS} repetitions, microseconds a line", file=sys.stderr)
    for name, seconds in (("loader ingest", ours), (f"dlt, {_PEER_LINES:,} lines", theirs)):
        print(f"{name:<20} {spread([second * 1e6 for second in seconds])}", file=sys.stderr)
    print(gain_line("dlt_to_loader_ingest", theirs, ours, goal=10.0))


def _measure_memory(bench: "_Bench", lines: int) -> None:
    """One file of so many lines, some of them as long as they may be, and one longer."""
    path = bench.place.folder / "many.jsonl"
    with path.open("wb") as out:
        for number, line in enumerate(islice(cycle(_lines(bench.logs)), lines)):
            out.write(_longest(line) if number % _LINES_PER_LONG_LINE == 0 else line)
        out.write(_longest(line)[:-2] + line)
    cost = bench.ingest(path)
    path.unlink()
    print(
        f"{bench.count():,} lines of one file in {cost.seconds:.0f} s, {cost.peak_mib:.0f} MiB at most", file=sys.stderr
    )
    print(ratio_line("loader_ingest_peak_mib", [cost.peak_mib], [1.0], goal=_MEMORY_GOAL_MIB))


def _longest(line: bytes) -> bytes:
    """The line with a field that makes it as long as the loader takes."""
    start = line.removesuffix(b"}\n") + b',"note":"'
    return start + b"x" * (MAX_LINE_BYTES - len(start) - 2) + b'"}\n'


def _lines(logs: Path) -> Iterator[bytes]:
    for path in sorted(logs.iterdir()):
        with path.open("rb") as source:
            yield from source


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
