"""What the real loader makes of log files, beside what the truth says that it makes of them."""

import csv
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.conftest import LoaderCommand

_DEAD_LETTERS = """
select path, line_number, reason
from raw.dead_letters inner join raw.source_files using (source_file_id)
"""
_RECONCILIATION = """
with ranked as (
    select
        source_file_id,
        row_number() over (partition by event_id order by load_id, source_file_id, line_number) as copy
    from raw.events
),
counted as (
    select source_file_id, count(*) filter (where copy = 1) as loaded, count(*) filter (where copy > 1) as duplicates
    from ranked group by source_file_id
),
rejected as (select source_file_id, count(*) as rejected from raw.dead_letters group by source_file_id)
select
    path, inherited_lines, lines_consumed - inherited_lines, coalesce(loaded, 0), coalesce(duplicates, 0),
    coalesce(rejected, 0)
from raw.source_files left join counted using (source_file_id) left join rejected using (source_file_id)
"""


def table(world: Path, name: str) -> list[dict[str, str]]:
    """A table of the truth."""
    with (world / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def deliver_and_ingest(world: Path, deliveries: int, deliver: Callable[[], object], run_loader: LoaderCommand) -> None:
    """Load after each delivery, as the truth says that it must be done: what it refuses is read as new."""
    refusals = table(world, "refusals")
    for number in range(1, deliveries + 1):
        deliver()
        ingest(run_loader, world / "logs", [row["file"] for row in refusals if int(row["delivery"]) == number])


def ingest(run_loader: LoaderCommand, logs: Path, refused: list[str]) -> None:
    """Load a folder of which some files are refused, and then read as new."""
    said = run_loader("ingest", logs)
    named = sorted(
        line.split()[1].rsplit("/", 1)[1] for line in said.stderr.splitlines() if " below its position" in line
    )
    assert (named, said.returncode == 4) == (sorted(refused), bool(refused)), said.stderr
    if refused:
        said = run_loader("ingest", "--as-new", logs)
    assert said.returncode in {0, 3}, said.stderr


def assert_told(world: Path, database: str) -> None:
    """Every file's lines and every dead letter in a database are those of the truth."""
    columns = ("inherited", "read", "loaded", "duplicate", "rejected")
    files = [
        (row["path"], *(int(row[f"{column}_lines_count"]) for column in columns))
        for row in table(world, "ingest_reconciliation")
    ]
    assert _found(database, _RECONCILIATION) == sorted(files)
    letters = [(row["path"], int(row["line_number"]), row["reason"]) for row in table(world, "dead_letters")]
    assert _found(database, _DEAD_LETTERS) == sorted(letters)


def _found(database: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database) as connection:
        return sorted((path.rsplit("/", 1)[1], *values) for path, *values in connection.execute(query).fetchall())
