"""The marts in the database that the environment names."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from loader.connection import connect
from loader.workplace import running_target

from ..errors import MartsRefusedError
from .values import KINDS, Kind

_SCHEMA = "marts"
_ROWS_AT_ONCE = 2000


class Column(NamedTuple):
    """A column of a mart."""

    name: str
    kind: Kind


class Database:
    """A database with marts, as their reader sees it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self.name = connection.info.dbname

    def marts(self) -> set[str]:
        """The names of all marts. Raises MartsRefusedError where there are none."""
        names = {
            str(name)
            for (name,) in self._connection.execute(
                "select relations.relname from pg_class as relations"
                " inner join pg_namespace as schemas on relations.relnamespace = schemas.oid"
                " where schemas.nspname = %s and relations.relkind in ('r', 'p', 'v', 'm')",
                (_SCHEMA,),
            )
        }
        if not names:
            raise MartsRefusedError(
                f"the database {self.name} has no marts",
                "load the world's logs with loader ingest DIR/logs, then build them with dbt build"
                " as docs/simulator.md shows",
            )
        return names

    @contextmanager
    def rows(self, mart: str) -> Iterator[tuple[list[Column], Iterator[tuple[Any, ...]]]]:
        """The columns of a mart, and its rows one after the other in no order."""
        with self._connection.transaction(), self._connection.cursor(name="mart") as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            cursor.execute(sql.SQL("select * from {}").format(sql.Identifier(_SCHEMA, mart)))
            columns = [self._column(mart, found.name, found.type_code) for found in cursor.description or ()]
            yield columns, iter(cursor)

    def _column(self, mart: str, name: str, type_code: int) -> Column:
        type_info = self._connection.adapters.types.get(type_code)
        type_name = type_info.name if type_info else f"number {type_code}"
        if type_name not in KINDS:
            raise MartsRefusedError(
                f"{_SCHEMA}.{mart}.{name} has the type {type_name}, which is not compared yet",
                "teach it to simulator/check/values.py",
            )
        return Column(name, KINDS[type_name])


@contextmanager
def open_database(environment: Mapping[str, str]) -> Iterator[Database]:
    """The database that ``loader`` would use: DATABASE_URL, else libpq's PG* variables, else the embedded server."""
    parameters = running_target(environment).parameters("reader")
    with connect({"application_name": "simulator"} | parameters) as connection:
        yield Database(connection)
