"""Histories of a support desk for the warehouse benchmark: log lines by day, loaded as if they had come long ago."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from psycopg import sql

from .workplace import Workplace

_LINES_PER_SESSION = 23.7
_DAYS = 100
_STAMP = b'"timestamp":"'
_DAYS_AGO = timedelta(days=10)


@dataclass(frozen=True)
class Days:
    """Files with the lines of one day each, in UTC. history: ``_DAYS`` of them; new: those that follow."""

    history: list[Path]
    new: list[Path]

    def last_of_history(self, share: float) -> list[Path]:
        """The latest part of the history; share: 0 to 1."""
        return self.history[-round(len(self.history) * share) :]


def write_days(place: Workplace, lines: int, new_days: int) -> Days:
    """A world with about so many lines in its history, a hundredth of them on each day, and some new days."""
    sessions_per_day = round(lines / _DAYS / _LINES_PER_SESSION)
    world = place.folder / "world"
    # One more at each end, of which UTC has a part alone.
    days = ("--days", str(_DAYS + new_days + 2), "--sessions-per-day", str(sessions_per_day))
    place.run("simulator", "generate", "--bulk", *days, "--out", world)
    folder = place.folder / "days"
    folder.mkdir()
    with ExitStack() as stack:
        files: dict[bytes, BinaryIO] = {}
        for day, line in _dated_lines(world / "logs"):
            if day not in files:
                path = folder / f"{day.decode()}.jsonl"
                files[day] = stack.enter_context(path.open("wb", buffering=1 << 20))
            files[day].write(line)
    shutil.rmtree(world)
    whole = sorted(folder.iterdir())[1 : _DAYS + new_days + 1]
    return Days(whole[:_DAYS], whole[_DAYS:])


def _dated_lines(logs: Path) -> Iterator[tuple[bytes, bytes]]:
    for path in sorted(logs.iterdir()):
        with path.open("rb") as lines:
            for line in lines:
                start = line.index(_STAMP) + len(_STAMP)
                yield line[start : start + 10], line


def load_history(place: Workplace, name: str, files: list[Path]) -> str:
    """Make a database with the lines of these files; returns its address.

    The history is moved to an earlier day, see :func:`move_back`.
    """
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    url = place.url.replace("/support_warehouse", f"/{name}")
    logs = place.folder / name
    logs.mkdir()
    for file in files:
        (logs / file.name).hardlink_to(file)
    place.run("loader", "init", DATABASE_URL=url)
    place.run("loader", "ingest", logs, DATABASE_URL=url)
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            move_back(connection)
        connection.execute("vacuum analyze")
    return url


def move_back(connection: psycopg.Connection[Any]) -> None:
    """Loads of today, or of yesterday if midnight has come since, and their lines become those of an earlier day.

    A desk loads a day's lines on that day, and nights read what the last days brought alone: partitions of new lines,
    and the lags of a day's loads.
    """
    columns = connection.execute(
        "select attname from pg_attribute"
        " where attrelid = 'raw.events'::regclass and attnum > 0 and attname <> 'loaded_on' order by attnum"
    ).fetchall()
    names = sql.SQL(", ").join(sql.Identifier(column) for (column,) in columns)
    rows = connection.execute(
        "select distinct loaded_on, tableoid::regclass::text from raw.events where loaded_on > current_date - 2"
    ).fetchall()
    for day, partition in rows:
        connection.execute("select raw.ensure_partition(%s)", [day - _DAYS_AGO])
        connection.execute(
            sql.SQL("insert into raw.events ({0}, loaded_on) select {0}, loaded_on - {1} from {2}").format(
                names, sql.Literal(_DAYS_AGO.days), sql.SQL(partition)
            )
        )
        connection.execute(sql.SQL("truncate {}").format(sql.SQL(partition)))
    connection.execute(
        "update raw.loads set loaded_on = loaded_on - %(days)s, loaded_at = loaded_at - %(ago)s"
        " where loaded_on > current_date - 2",
        {"days": _DAYS_AGO.days, "ago": _DAYS_AGO},
    )
