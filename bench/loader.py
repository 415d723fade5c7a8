"""``loader ingest`` against its limit: ``copy`` by psql of the very same rows, already split into columns.

The limit is what the server needs to take the rows: no JSON is read, nothing is checked, no position is kept. Both go
into an empty partition of the same table on the same embedded server, which the benchmark starts for itself.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TextIO

import psycopg

from .ratio import ratio_line, spread

_REPETITIONS = 5
_LOADED_ON = "2000-01-01"


def main() -> int:
    """Run the benchmark; the exit code is 0 whether goals are met or not."""
    # Open to be entered by the account that the server runs under, as which the folder cannot be listed.
    base = Path(tempfile.mkdtemp(prefix="support-warehouse-bench-"))
    base.chmod(0o711)
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "LOADER_STATE_DIR": str(base / "state")}
    if binaries := os.environ.get("LOADER_PG_BIN"):
        environment["LOADER_PG_BIN"] = binaries
    try:
        size = ("--days", "60", "--sessions-per-day", "400")
        _command("simulator", "generate", "--bulk", *size, "--out", base / "world", env=environment)
        logs = base / "world" / "logs"
        _command("loader", "db", "up", env=environment, cwd=base)
        url = _command("loader", "db", "url", env=environment, cwd=base).strip()
        ours, theirs = [], []
        for _ in range(_REPETITIONS):
            ours.append(_ingest(url, logs, environment, base))
            theirs.append(_copy(url, base / "rows.copy", environment, base))
        lines = _count(url)
    finally:
        _command("loader", "db", "down", env=environment, cwd=base)
        shutil.rmtree(base)
    print(f"{_REPETITIONS} repetitions of {lines:,} lines, seconds", file=sys.stderr)
    print(f"loader ingest  {spread(ours)}", file=sys.stderr)
    print(f"psql copy      {spread(theirs)}", file=sys.stderr)
    print(ratio_line("loader_ingest_to_psql_copy", ours, theirs, goal=1.0))
    return 0


def _ingest(url: str, logs: Path, environment: dict[str, str], cwd: Path) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("truncate raw.events, raw.dead_letters, raw.loads, raw.source_files")
    said = _command("loader", "ingest", logs, "--json", env=environment, cwd=cwd, codes=(0, 3))
    return float(json.loads(said)["seconds"])


def _copy(url: str, rows: Path, environment: dict[str, str], cwd: Path) -> float:
    if not rows.exists():
        text = _command(
            "loader", "db", "psql", "-c", "copy (select * from raw.events) to stdout", env=environment, cwd=cwd
        )
        today = text.split("\n", 1)[0].rsplit("\t", 1)[1]
        rows.write_text(text.replace(f"\t{today}\n", f"\t{_LOADED_ON}\n"), encoding="utf-8")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("truncate raw.events")
        connection.execute("select raw.ensure_partition(%s)", (_LOADED_ON,))
    with rows.open(encoding="utf-8") as source:
        start = perf_counter()
        _command("loader", "db", "psql", "-c", "copy raw.events from stdin", env=environment, cwd=cwd, source=source)
        return perf_counter() - start


def _count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from raw.events").fetchone()
    return int(row[0]) if row else 0


def _command(
    module: str,
    *arguments: str | Path,
    env: dict[str, str],
    cwd: Path | None = None,
    codes: tuple[int, ...] = (0,),
    source: TextIO | None = None,
) -> str:
    result = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        env=env,
        cwd=cwd,
        check=False,
        stdin=source,
        capture_output=True,
        text=True,
    )
    if result.returncode not in codes:
        raise SystemExit(f"{module} {arguments[0]} ended with {result.returncode}: {result.stderr}")
    return result.stdout


if __name__ == "__main__":
    sys.exit(main())
