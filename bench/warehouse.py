"""The nightly build at several sizes of history: what a night costs, and what a build from nothing costs.

``python -m bench.warehouse 1 10`` builds histories of so many million events (50 takes an hour and 100 GB).
Measured in one run, on one embedded server, by the commands that people use:

- a night: ``dbt build --selector nightly`` after one new day, 1 % of the largest history, at each size in turn;
- an empty night: an hour later with nothing new, when clocks go on, and again, when none does; against ``dbt parse``,
  which is dbt's own start-up and parse;
- a build from nothing with all tests, against one ``select`` that reads every field of every payload once in one
  process. For comparison, stderr shows the same with all processes, a sequential read and a ``copy`` out.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree
from time import perf_counter

import psycopg

from .history import Days, load_history, move_back, write_days
from .ratio import ratio_line, spread
from .workplace import Workplace, workplace

_ROOT = Path(__file__).parents[1]
_PROJECT = ("dbt_project.yml", "profiles.yml", "selectors.yml", "models", "seeds", "dbt_project")
_NIGHTS = 5
_BUILDS = 3
_PAYLOADS = "every field of every payload"
_READS = {
    _PAYLOADS: (
        "select count(*), sum(length(fields.value)) from raw.events, jsonb_each_text(events.payload) as fields"
    ),
    "sequential read": "select count(*), max(line_number) from raw.events",
}


@dataclass(frozen=True)
class Warehouse:
    """A history in a database, and a copy of the project to build it with."""

    place: Workplace
    millions: int
    url: str
    project: Path

    def dbt(self, *arguments: str, as_of: str) -> float:
        """Seconds of a dbt command."""
        began = perf_counter()
        variables = json.dumps({"as_of": as_of})
        self.place.run(
            "dbt.cli.main", "--quiet", *arguments, "--vars", variables, folder=self.project, DATABASE_URL=self.url
        )
        return perf_counter() - began

    def build(self, *arguments: str, as_of: str) -> float:
        """Seconds of a build from nothing with all tests."""
        self.settle()
        return self.dbt("build", *arguments, as_of=as_of)

    def read(self, query: str, *, parallel: bool = False) -> float:
        """Seconds of a query, in one process of the server unless ``parallel``."""
        with psycopg.connect(self.url) as connection:
            if not parallel:
                connection.execute("set max_parallel_workers_per_gather = 0")
            connection.execute("set jit = off")
            return _seconds(lambda: connection.execute(query.encode()))

    def copy_out(self) -> float:
        """Seconds of a ``copy`` of all events to nowhere, by psql."""
        query = "\\copy (select * from raw.events) to /dev/null"
        return _seconds(lambda: self.place.run("loader", "db", "psql", "-c", query, DATABASE_URL=self.url))

    def rest(self) -> None:
        """The hours between two nights, at once: a new day, else each night computes the lags of all nights."""
        with psycopg.connect(self.url) as connection:
            move_back(connection)
        self.settle()

    def settle(self) -> None:
        """What servers do by themselves (autovacuum, checkpoint); else chance decides how much of it is measured."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("vacuum analyze")
            connection.execute("checkpoint")

    def ingest(self, file: Path) -> None:
        """Load one day."""
        self.place.run("loader", "ingest", file, DATABASE_URL=self.url)


def main(*sizes: int) -> int:
    """Run the benchmark; the exit code is 0 whether goals are met or not. sizes: in millions of events, ascending."""
    with _warehouses(sizes) as (warehouses, days):
        small, large = warehouses[0], warehouses[-1]
        end = _end_of(days.history[-1])
        builds: dict[int, list[float]] = {}
        for warehouse in warehouses:
            builds[warehouse.millions] = [
                warehouse.build(*(("--full-refresh",) if repetition else ()), as_of=end)
                for repetition in range(_BUILDS)
            ]
            _tell(f"build of {warehouse.millions} million from nothing", builds[warehouse.millions])
        _name_the_slowest(large)
        large.settle()
        reads = {name: [large.read(query) for _ in range(_BUILDS)] for name, query in _READS.items()}
        reads["the same in all processes"] = [large.read(_READS[_PAYLOADS], parallel=True) for _ in range(_BUILDS)]
        reads["copy out"] = [large.copy_out() for _ in range(_BUILDS)]
        for name, seconds in reads.items():
            _tell(f"{name}, {large.millions} million", seconds)
        nights = _nights(warehouses, days.new)
        starts, empty = _empty_nights(large, _end_of(days.new[-1]))
    of_payloads = reads[_PAYLOADS]
    print(
        ratio_line(
            "warehouse_night_to_that_of_small_history", nights[large.millions], nights[small.millions], goal=1.25
        )
    )
    print(ratio_line("warehouse_empty_night_to_dbt_parse", empty, starts, goal=2.0))
    print(ratio_line("warehouse_build_to_reading_payloads", builds[large.millions], of_payloads, goal=12.0))
    return 0


@contextmanager
def _warehouses(sizes: tuple[int, ...]) -> Iterator[tuple[list[Warehouse], Days]]:
    with workplace() as place:
        days = write_days(place, max(sizes) * 1_000_000, _NIGHTS)
        warehouses = []
        for millions in sizes:
            project = place.folder / f"project_{millions}"
            project.mkdir()
            for part in _PROJECT:
                copy = copytree if (_ROOT / part).is_dir() else _copy_file
                copy(_ROOT / part, project / part)
            files = days.last_of_history(millions / max(sizes))
            warehouses.append(Warehouse(place, millions, load_history(place, f"history_{millions}", files), project))
        yield warehouses, days


def _nights(warehouses: list[Warehouse], new_days: list[Path]) -> dict[int, list[float]]:
    seconds: dict[int, list[float]] = {warehouse.millions: [] for warehouse in warehouses}
    for file in new_days:
        for warehouse in warehouses:
            warehouse.rest()
            warehouse.ingest(file)
            # Other variables than last time are parsed anew, which a night without any is spared.
            warehouse.dbt("parse", as_of=_end_of(file))
            seconds[warehouse.millions].append(warehouse.dbt("build", "--selector", "nightly", as_of=_end_of(file)))
    for millions, values in seconds.items():
        _tell(f"night after {millions} million", values)
    return seconds


def _empty_nights(warehouse: Warehouse, as_of: str) -> tuple[list[float], list[float]]:
    later = as_of.replace("T00:", "T01:")
    starts, nothing, empty = [], [], []
    for _ in range(_NIGHTS):
        starts.append(warehouse.dbt("parse", as_of=later))
        nothing.append(warehouse.dbt("build", "--select", "path:nothing", as_of=later))
        empty.append(warehouse.dbt("build", "--selector", "nightly", as_of=later))
    _tell("dbt parse", starts)
    _tell("dbt build that selects nothing", nothing)
    _tell(f"empty night after {warehouse.millions} million, an hour later", empty[:1])
    _tell(f"empty night after {warehouse.millions} million, again", empty[1:])
    return starts, empty


def _name_the_slowest(warehouse: Warehouse) -> None:
    results = json.loads((warehouse.project / "target" / "run_results.json").read_text())["results"]
    slowest = sorted(results, key=lambda result: -float(result["execution_time"]))
    for result in [result for result in slowest if result["unique_id"].startswith("model.")][:5]:
        print(f"  {result['execution_time']:6.1f} s {result['unique_id'].split('.')[-1]}", file=sys.stderr)


def _end_of(day: Path) -> str:
    return f"{datetime.fromisoformat(day.stem) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"


def _copy_file(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _tell(what: str, seconds: list[float]) -> None:
    print(f"{what:45} {spread(seconds)} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(*(int(size) for size in sys.argv[1:] or ("1", "10"))))
