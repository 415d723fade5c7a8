"""Playing an order of arrival into a warehouse, and comparing all its models with a full refresh."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate, count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from loader.connection import External, address, connect
from loader.ingest import Options
from loader.parsing import Parser
from loader.run import ingest_paths
from loader.schema import set_up
from tests.conftest import parsed
from tests.warehouse.arrivals import UNKNOWN_NAME, Build, Order
from tests.warehouse.dbt_forks import DbtForks, Finished, Model

#: Say by which builds a row was made; the only columns that may differ.
BOOKKEEPING = ["build_id", "named_build_id"]
#: Tables of the builds' bookkeeping, which have no model.
BOOKKEEPING_TABLES = [
    *("builds", "build_marks", "build_rules", "pruned_cases", "pruned_lines", "prunings_followed", "erasures_followed"),
]
#: What the project says of models whose rows tell of the builds that there were.
HISTORY = "is_history_of_builds"
BUILT_SCHEMAS = ("staging", "intermediate", "marts")
LOCK_TIMEOUT = {"PGOPTIONS": "-c lock_timeout=200ms"}


@dataclass
class Tally:
    """What was tried and compared so far."""

    numbers: Counter[str] = field(default_factory=Counter)
    models: frozenset[str] = frozenset()
    filled: set[str] = field(default_factory=set)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.numbers + other.numbers, self.models | other.models, self.filled | other.filled)

    @property
    def empty(self) -> list[str]:
        """Models that had no row after any order."""
        return sorted(self.models - self.filled)


class Stage:
    """Plays orders. template: address of a database that is set up and seeded, and to which nobody is connected."""

    def __init__(self, template: str, dbt: DbtForks, parser: Parser, folder: Path) -> None:
        self._template = parsed(template)
        self._dbt = dbt
        self._parser = parser
        self._folder = folder
        self._numbers = count(1)
        self._whole: set[str] = set()
        self._tables = sorted((model.schema, model.name) for model in dbt.models if model.materialized != "view")
        self._compared_models = [model for model in dbt.models if not model.meta.get(HISTORY)]
        self.tally = Tally(models=frozenset(map(str, self._compared_models)))

    def differences(self, order: Order) -> list[str]:
        """What differs between the models after this order and a full refresh of the same raw tables; no more: []."""
        with ExitStack() as stack:
            url = stack.enter_context(self._copy_of(self._template["dbname"]))
            self._play(url, order)
            last = order.builds[-1]
            self._learn(url, last)
            reference = stack.enter_context(self._copy_of(parsed(url)["dbname"]))
            if order.from_nothing:
                _forget_models(reference)
            more = () if order.from_nothing else ("--full-refresh",)
            number = self._start(reference, last, *more, place="reference")
            # Both at once, for there are two cores.
            built = self._dbt.wait(self._start_next(url, last))
            refreshed = self._dbt.wait(number)
            for run in (built, refreshed):
                assert run.code == 0, run.output
            found = self._compared(url, reference, last.as_of)
        self.tally.numbers.update(
            orders=1,
            loads=len(order.loads),
            held_loads=len(order.held),
            lines=sum(map(len, order.loads)),
            builds=len(order.builds),
            past_builds=_past(order),
            differences=len(found),
        )
        return found

    def _play(self, url: str, order: Order) -> None:
        """All loads, and all builds but the last."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        builds = {build.after_load: build for build in order.builds[:-1]}
        with ExitStack() as held:
            commits: dict[int, list[ExitStack]] = {}
            for number, lines in enumerate(order.loads):
                file = folder / f"{number:02}.jsonl"
                file.write_bytes(b"".join(line + b"\n" for line in lines))
                load = held.enter_context(ExitStack())
                connection = load.enter_context(connect(External(url).parameters("loader")))
                if number in order.held:
                    load.enter_context(connection.transaction())
                    commits.setdefault(order.held[number], []).append(load)
                ingest_paths(connection, [file], self._parser, Options(batch_lines=order.batch_lines))
                if number not in order.held:
                    load.close()
                if build := builds.get(number + 1):
                    self._learn(url, build)
                    self._build(url, build)
                for load_to_commit in commits.pop(number + 1, []):
                    load_to_commit.close()

    def _build(self, url: str, build: Build) -> None:
        how, number = build.failure or ("", 0)
        nightly = url in self._whole
        if how == "killed":
            nodes = len(self._tables) if nightly else len(self._dbt.models)
            finished = self._dbt.wait(self._start_next(url, build, kill_after=number % (nodes - 1) + 1))
            assert finished.code == -9, finished.output
            self.tally.numbers["killed_builds"] += 1
            _wait_for_the_dead(url)
        elif how == "locked":
            finished = self._build_with_lock(url, build, number)
            self.tally.numbers["failed_builds"] += finished.code != 0
        else:
            finished = self._dbt.wait(self._start_next(url, build))
            assert finished.code == 0, finished.output
        if finished.code == 0:
            self._whole.add(url)
        elif not nightly:
            self._whole.discard(url)

    def _build_with_lock(self, url: str, build: Build, number: int) -> Finished:
        """One of the tables cannot be written, if it is there yet."""
        schema, name = self._tables[number % len(self._tables)]
        with psycopg.connect(url) as connection:
            row = connection.execute("select to_regclass(%s)", [f"{schema}.{name}"]).fetchone()
            is_there = row is not None and row[0] is not None
            if is_there:
                connection.execute(sql.SQL("lock table {} in share mode").format(sql.Identifier(schema, name)))
            finished = self._dbt.wait(self._start_next(url, build, env=LOCK_TIMEOUT))
            # A view's table is dropped and made anew with it; where nothing was to be written nothing failed.
            assert finished.code in ({0, 1} if is_there else {0}), finished.output
        return finished

    def _start_next(self, url: str, build: Build, **options: Any) -> int:
        """As the nightly cron job does once there has been a whole build."""
        nightly = url in self._whole
        self.tally.numbers["nightly_builds"] += nightly
        return self._start(url, build, *(("--selector", "nightly") if nightly else ()), **options)

    def _start(self, url: str, build: Build, *arguments: str, **options: Any) -> int:
        # A build that was killed is not waited for.
        variables = json.dumps({"as_of": build.as_of, "silent_build_seconds": 0})
        return self._dbt.start(url, "run", *arguments, "--vars", variables, **options)

    def _learn(self, url: str, build: Build) -> None:
        if build.is_name_learned:
            with psycopg.connect(url) as connection:
                connection.execute(
                    "insert into seeds.event_aliases select %s, 'query.order', null, null"
                    " where not exists (select 1 from seeds.event_aliases where alias = %s)",
                    [UNKNOWN_NAME, UNKNOWN_NAME],
                )

    @contextmanager
    def _copy_of(self, template: str) -> Iterator[str]:
        parameters = self._template | {"dbname": f"{self._template['dbname']}_{next(self._numbers)}"}
        name = sql.Identifier(parameters["dbname"])
        with psycopg.connect(**(self._template | {"dbname": "postgres"}), autocommit=True) as connection:
            connection.execute(sql.SQL("create database {} template {}").format(name, sql.Identifier(template)))
            try:
                _set_up(parameters)
                yield address(parameters)
            finally:
                connection.execute(sql.SQL("drop database {} with (force)").format(name))

    def _compared(self, url: str, reference: str, as_of: str) -> list[str]:
        found = []
        with psycopg.connect(url) as one, psycopg.connect(reference) as other:
            for connection in (one, other):
                connection.execute("set timezone to 'UTC'")
                connection.execute("set jit to off")
                # As if loaded when it happened: the live views leave out what is days old when it is loaded.
                connection.execute("update raw.loads set loaded_at = %s", [as_of])
            for model in self._compared_models:
                columns = _columns(one, model)
                if columns != _columns(other, model) or not columns:
                    found.append(f"{model.schema}.{model.name}: columns {columns} and {_columns(other, model)}")
                    continue
                mine, theirs = _rows(one, model, columns), _rows(other, model, columns)
                self.tally.numbers["rows"] += mine.total()
                if mine:
                    self.tally.filled.add(str(model))
                found += _difference(str(model), list(columns), mine, theirs)
        return found


def _set_up(parameters: dict[str, str]) -> None:
    """Rights on the database itself are not copied with a template."""
    with psycopg.connect(**parameters, autocommit=True) as fresh:
        set_up(fresh)


def _past(order: Order) -> int:
    """How many builds come after one with a later as_of."""
    moments = [datetime.fromisoformat(build.as_of) for build in order.builds]
    return sum(moment < latest for moment, latest in zip(moments, accumulate(moments, max), strict=True))


def _forget_models(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for schema in BUILT_SCHEMAS:
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
    _set_up(parsed(url))


def _wait_for_the_dead(url: str) -> None:
    """The server notices that a client is gone when it next writes to it; told so, it notices at once."""
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "select pg_terminate_backend(pid, 60000) from pg_stat_activity"
            " where datname = current_database() and application_name = 'dbt'"
        ).fetchall()
        # False: it had ended by itself.
        assert connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'dbt'"
        ).fetchone() == (0,), ended


def _columns(connection: psycopg.Connection[Any], model: Model) -> dict[str, str]:
    """Types of the columns by name, in their order."""
    rows = connection.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped and attname <> all(%s) order by attnum",
        [str(model), BOOKKEEPING],
    )
    return dict(rows.fetchall())


def _rows(connection: psycopg.Connection[Any], model: Model, columns: dict[str, str]) -> Counter[bytes]:
    """How often each row is there, as COPY writes it: null is like nothing else, and every digit is shown."""
    query = sql.SQL("copy (select {} from {}) to stdout").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(model.schema, model.name)
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        return Counter(b"".join(copy).splitlines())


def _difference(name: str, columns: list[str], mine: Counter[bytes], theirs: Counter[bytes]) -> list[str]:
    """``except all`` both ways, up to three rows of each."""
    sides = {"only after the increments": mine - theirs, "only after the full refresh": theirs - mine}
    return [
        f"{name}: {rows.total()} rows {side}, of {mine.total()} and {theirs.total()}, such as"
        + "".join(f"\n    {_told(columns, row)}" for row in sorted(rows)[:3])
        for side, rows in sides.items()
        if rows
    ]


def _told(columns: list[str], row: bytes) -> str:
    values = row.decode().split("\t")
    return " ".join(f"{column}={value}" for column, value in zip(columns, values, strict=True))
