"""``loader ingest`` against its limit: ``copy`` by psql of the very same rows, already split into columns.

The limit is what the server needs to take the rows: no JSON is read, nothing is checked, no position is kept. Both go
into an empty partition of the same table on the same embedded server, which the benchmark starts for itself.
"""

import json
import sys
from pathlib import Path
from time import perf_counter

import psycopg

from .ratio import ratio_line, spread
from .workplace import Workplace, workplace

_REPETITIONS = 5
_LOADED_ON = "2000-01-01"


def main() -> int:
    """Run the benchmark; the exit code is 0 whether goals are met or not."""
    with workplace() as place:
        size = ("--days", "60", "--sessions-per-day", "400")
        place.run("simulator", "generate", "--bulk", *size, "--out", place.folder / "world")
        logs = place.folder / "world" / "logs"
        ours, theirs = [], []
        for _ in range(_REPETITIONS):
            ours.append(_ingest(place, logs))
            theirs.append(_copy(place, place.folder / "rows.copy"))
        lines = _count(place.url)
    print(f"{_REPETITIONS} repetitions of {lines:,} lines, seconds", file=sys.stderr)
    print(f"loader ingest  {spread(ours)}", file=sys.stderr)
    print(f"psql copy      {spread(theirs)}", file=sys.stderr)
    print(ratio_line("loader_ingest_to_psql_copy", ours, theirs, goal=1.0))
    return 0


def _ingest(place: Workplace, logs: Path) -> float:
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("truncate raw.events, raw.dead_letters, raw.loads, raw.source_files")
    said = place.run("loader", "ingest", logs, "--json", codes=(0, 3))
    return float(json.loads(said)["seconds"])


def _copy(place: Workplace, rows: Path) -> float:
    if not rows.exists():
        text = place.run("loader", "db", "psql", "-c", "copy (select * from raw.events) to stdout")
        today = text.split("\n", 1)[0].rsplit("\t", 1)[1]
        rows.write_text(text.replace(f"\t{today}\n", f"\t{_LOADED_ON}\n"), encoding="utf-8")
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("truncate raw.events")
        connection.execute("select raw.ensure_partition(%s)", (_LOADED_ON,))
    with rows.open(encoding="utf-8") as source:
        start = perf_counter()
        place.run("loader", "db", "psql", "-c", "copy raw.events from stdin", source=source)
        return perf_counter() - start


def _count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from raw.events").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    sys.exit(main())
