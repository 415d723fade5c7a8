"""A small warehouse whose loads can be given other days, pruned and copied."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from loader.archive import archive
from loader.connection import External, address, connect
from loader.erase import Erased, erase, erase_latecomers
from loader.erase_search import Subject
from loader.ingest import Options
from loader.parsing import Parser
from loader.prune import Pruned, prune
from loader.run import ingest_paths
from loader.schema import set_up
from tests.conftest import parsed
from tests.warehouse.dbt_forks import DbtForks, Finished, Model
from tests.warehouse.orderly import BOOKKEEPING, HISTORY

#: When files were read, by the clock on the wall.
CLOCKS = {"last_read_at"}
#: Where a line stands.
PLACES = {"source_file_id", "line_number"}
Rows = dict[str, Counter[str]]


class Retained:
    """A warehouse. url: the owner's address of its database."""

    def __init__(self, url: str, dbt: DbtForks, folder: Path) -> None:
        self.url = url
        self.dbt = dbt
        self._folder = folder

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query, as the owner; none of a statement."""
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def erase(self, subject: Subject, *archives: Path) -> Erased:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return erase(connection, subject, archives)

    def erase_latecomers(self, *archives: Path) -> Erased:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return erase_latecomers(connection, archives)

    def archive(self, folder: Path, before: date) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            archive(connection, folder, before)

    def load(self, name: str, lines: Iterable[bytes], day: date) -> None:
        """Load lines as a file of this name, as if on a day in UTC."""
        file = self._folder / f"{name}.jsonl"
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        [(last,)] = self.ask("select coalesce(max(load_id), 0) from raw.loads")
        with connect(External(self.url).parameters("loader")) as connection:
            ingest_paths(connection, [file], Parser(), Options())
        self.ask("select raw.ensure_partition(%s)", day)
        self.ask("update raw.events set loaded_on = %s where load_id > %s", day, last)
        moment = datetime.combine(day, time(12), UTC)
        self.ask("update raw.loads set loaded_on = %s, loaded_at = %s where load_id > %s", day, moment, last)

    def run(
        self, as_of: str, *arguments: str, command: str = "run", kill_after: int | None = None, **variables: Any
    ) -> Finished:
        """``dbt run``, or another command. variables: more vars."""
        given = json.dumps({"as_of": as_of, "silent_build_seconds": 0} | variables)
        number = self.dbt.start(self.url, command, *arguments, "--vars", given, kill_after=kill_after)
        return self.dbt.wait(number)

    def build(self, as_of: str, *arguments: str, **variables: Any) -> None:
        finished = self.run(as_of, *arguments, **variables)
        assert finished.code == 0, finished.output

    def prune(self, cutoff: date) -> Pruned | None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return prune(connection, cutoff)

    def marts(self, without: Iterable[str] = ()) -> Rows:
        """How often each row of each mart that stays is there, but for clocks, the builds' numbers and some columns."""
        names = sorted(
            model.name
            for model in self.dbt.models
            if model.schema == "marts" and not model.meta.keys() & {"goes_with_details", HISTORY}
        )
        columns = {*CLOCKS, *BOOKKEEPING, *without}
        with psycopg.connect(self.url) as connection:
            connection.execute("set timezone to 'UTC'")
            return {name: Counter(_rows(connection, "marts", name, without=columns)) for name in names}

    def models(self, only: Iterable[Model] | None = None) -> Rows:
        """How often each row of each relation that dbt builds is there, but for the clocks and the builds' numbers."""
        found = {}
        with psycopg.connect(self.url) as connection:
            connection.execute("set timezone to 'UTC'")
            for model in self.dbt.models if only is None else only:
                if model.meta.get(HISTORY):
                    continue
                rows = _rows(connection, model.schema, model.name, without={*CLOCKS, *BOOKKEEPING})
                found[str(model)] = Counter(rows)
        return found

    def where_found(self, word: str) -> set[str]:
        """Tables of all schemas that hold a word in any row, in whatever column, as text or as bytes."""
        forms = (word, word.encode().hex())
        with psycopg.connect(self.url) as connection:
            tables = connection.execute(
                "select schemaname, tablename from pg_tables"
                " where schemaname not in ('pg_catalog', 'information_schema')"
            ).fetchall()
            return {
                f"{schema}.{name}"
                for schema, name in tables
                if any(form in row for row in _rows(connection, schema, name) for form in forms)
            }

    @contextmanager
    def copy(self, name: str) -> Iterator["Retained"]:
        """A copy of the database, and of nothing else."""
        parameters = parsed(self.url) | {"dbname": name}
        made, original = sql.Identifier(name), sql.Identifier(parsed(self.url)["dbname"])
        with psycopg.connect(**(parameters | {"dbname": "postgres"}), autocommit=True) as connection:
            connection.execute(sql.SQL("create database {} template {}").format(made, original))
            try:
                with psycopg.connect(**parameters, autocommit=True) as fresh:
                    set_up(fresh)
                yield Retained(address(parameters), self.dbt, self._folder)
            finally:
                connection.execute(sql.SQL("drop database {} with (force)").format(made))


def differences(ones: Rows, others: Rows) -> list[str]:
    """Rows that only one side has, up to three of each mart and side; marts that only one side has."""
    found = [f"{name}: in one of them only" for name in ones.keys() ^ others.keys()]
    for name in ones.keys() & others.keys():
        for side, rows in (("first", ones[name] - others[name]), ("second", others[name] - ones[name])):
            found += [f"{name}: only in the {side}: {row}" for row in sorted(rows)[:3]]
    return found


def event(name: str, number: int, at: str, **fields: Any) -> bytes:
    """A line of an event; its event_id is made of its session, or its name, and the number."""
    product = name.split(".", maxsplit=1)[0]
    return json.dumps(
        {"event": name, "event_id": f"{fields.get('session_id', name)}-{number}", "timestamp": at, "product": product}
        | {name: value for name, value in fields.items() if value is not None}
    ).encode()


def _rows(connection: psycopg.Connection[Any], schema: str, name: str, without: Iterable[str] = ()) -> Iterator[str]:
    query = sql.SQL("select (to_jsonb(rows) - %s::text[])::text from {} as rows").format(sql.Identifier(schema, name))
    yield from (row for (row,) in connection.execute(query, [list(without)]))
