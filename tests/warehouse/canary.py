"""The warehouse on DuckDB: an export of the raw tables, and dbt on it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import sql

from tests.conftest import AS_OF, CLEAN_ENVIRONMENT, ROOT
from tests.warehouse.orderly import HISTORY

PROFILE = Path(__file__).parent / "canary_profile"
#: DuckDB's types of the columns that raw has; bytea comes as its hexadecimal digits.
TYPES = {
    "bigint": "bigint",
    "boolean": "boolean",
    "bytea": "varchar",
    "date": "date",
    "integer": "integer",
    "jsonb": "json",
    "text": "varchar",
    "timestamp with time zone": "timestamptz",
    "xid8": "ubigint",
}


@dataclass(frozen=True, order=True)
class Table:
    """A relation of both engines: a source, or a model that dbt has built."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


class Canary:
    """A DuckDB file, and the folder of what dbt writes about it.

    sources, models: what dbt's manifest lists, models of every kind that leaves a relation, each after those that it is
    built from; compared: those that do not tell of the builds that there were. env: more environment of dbt.
    """

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.file = folder / "canary.duckdb"
        self._folder = folder
        self._env = env or {}
        self._dbt("parse")
        manifest = json.loads((folder / "manifest.json").read_text())
        self.sources = [Table(source["schema"], source["identifier"]) for source in manifest["sources"].values()]
        ids = TopologicalSorter({name: node["depends_on"]["nodes"] for name, node in _made(manifest)}).static_order()
        made = dict(_made(manifest))
        tables = {name: Table(made[name]["schema"], made[name]["alias"]) for name in ids if name in made}
        self.models = [*tables.values()]
        self.compared = [table for name, table in tables.items() if not made[name]["config"]["meta"].get(HISTORY)]

    def incremental(self) -> dict[str, str | None]:
        """What becomes of the rows of each incremental model with an erasure, as the project says it."""
        manifest = json.loads((self._folder / "manifest.json").read_text())
        return {
            node["alias"]: node["config"]["meta"].get("erased_with")
            for _, node in _made(manifest)
            if node["config"]["materialized"] == "incremental"
        }

    def load(self, url: str) -> None:
        """Copy the sources from a Postgres database, as its owner."""
        with psycopg.connect(url) as connection, duckdb.connect(self.file) as duck:
            connection.execute("set timezone to 'UTC'")
            duck.execute("set timezone to 'UTC'")
            for source in self.sources:
                self._copy(source, connection, duck)

    def build(self) -> None:
        """Seed the file, build all models in it and run their tests, as of the tests' now."""
        # The cases of the unit tests are about rules, and are run on Postgres.
        self._dbt("build")

    def _copy(self, source: Table, connection: psycopg.Connection[Any], duck: duckdb.DuckDBPyConnection) -> None:
        columns = connection.execute(
            "select attname, format_type(atttypid, null) from pg_attribute"
            " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
            [str(source)],
        ).fetchall()
        taken = [
            sql.SQL("encode({}, 'hex')" if kind == "bytea" else "{}").format(sql.Identifier(name))
            for name, kind in columns
        ]
        query = sql.SQL("copy (select {} from {}) to stdout with (format csv, force_quote *)").format(
            sql.SQL(", ").join(taken), sql.Identifier(source.schema, source.name)
        )
        file = self._folder / f"{source}.csv"
        with file.open("wb") as out, connection.cursor() as cursor, cursor.copy(query) as copy:
            out.writelines(copy)
        duck.execute(f"create schema if not exists {source.schema}")
        read = ", ".join(f"unhex({name}) as {name}" if kind == "bytea" else name for name, kind in columns)
        # A quoted empty string is no null; a line of a log may be long, and dead letters hold newlines.
        duck.execute(
            f"create table {source} as select {read} from read_csv(?, columns = ?, auto_detect = false, header = false,"
            " quote = '\"', escape = '\"', allow_quoted_nulls = false, parallel = false, max_line_size = 20000000)",
            [str(file), {name: TYPES[kind] for name, kind in columns}],
        )

    def _dbt(self, *arguments: str) -> None:
        result = subprocess.run(
            [
                Path(sys.executable).parent / "dbt",
                *("--quiet", "--no-use-colors", *arguments),
                *("--profiles-dir", PROFILE, "--target-path", self._folder, "--log-path", self._folder),
                *("--vars", f"{{as_of: '{AS_OF}'}}"),
            ],
            cwd=ROOT,
            env=CLEAN_ENVIRONMENT | self._env | {"CANARY_DATABASE": str(self.file)},
            timeout=300,
            check=False,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr


def _made(manifest: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, node in manifest["nodes"].items():
        if node["resource_type"] in {"model", "snapshot"} and node["config"]["materialized"] != "ephemeral":
            yield name, node
