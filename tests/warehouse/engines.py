"""Comparing a relation of Postgres with the same one of DuckDB: columns, families of types, and all rows."""

import json
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from operator import eq
from typing import Any

import duckdb
import psycopg
from psycopg import sql

from tests.warehouse.canary import Table
from tests.warehouse.orderly import BOOKKEEPING

#: What may stand for each other. A sum of bigint is numeric on one engine and hugeint on the other.
FAMILIES = {
    "number": {"smallint", "integer", "bigint", "numeric", "hugeint", "ubigint", "decimal"},
    "double": {"double precision", "double"},
    "text": {"text", "varchar"},
    "texts": {"text[]", "varchar[]"},
    "boolean": {"boolean"},
    "date": {"date"},
    "timestamp": {"timestamp without time zone", "timestamp"},
    "timestamptz": {"timestamp with time zone"},
    "json": {"jsonb", "json"},
}
EXAMPLES = 3
KEYS = 3
#: Rows of the other side that are looked at for the most similar one.
SIMILAR = 1000
Row = tuple[Any, ...]


def differences(table: Table, postgres: psycopg.Connection[Any], duck: duckdb.DuckDBPyConnection) -> list[str]:
    """What differs between the engines; nothing: []. Rows are compared as a multiset, null is like null alone.

    Numbers are compared by value, doubles bit by bit, instants as instants, and JSON by content.
    """
    columns, others = _postgres_columns(table, postgres), _duck_columns(table, duck)
    if columns != others or not columns:
        return [f"{table}: columns {columns} on Postgres and {others} on DuckDB"]
    mine = Counter(_rows(table, columns, postgres))
    theirs = Counter(_rows(table, columns, duck))
    only_mine, only_theirs = mine - theirs, theirs - mine
    sides = {"Postgres": (only_mine, only_theirs), "DuckDB": (only_theirs, only_mine)}
    return [
        f"{table}: {rows.total()} rows on {engine} alone, of {mine.total()} and {theirs.total()}, such as"
        + "".join(f"\n    {_told(list(columns), row, others)}" for row in sorted(rows, key=repr)[:EXAMPLES])
        for engine, (rows, others) in sides.items()
        if rows
    ]


def family(kind: str) -> str:
    """The family of a type of either engine. Raises KeyError where no rule says how to compare it."""
    plain = kind.lower().split("(")[0]
    for name, kinds in FAMILIES.items():
        if plain in kinds:
            return name
    raise KeyError(f"no rule how to compare columns of type {kind}")


def _postgres_columns(table: Table, connection: psycopg.Connection[Any]) -> dict[str, str]:
    rows = connection.execute(
        "select attname, format_type(atttypid, null) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped and attname <> all(%s) order by attnum",
        [str(table), BOOKKEEPING],
    )
    return {name: family(kind) for name, kind in rows.fetchall()}


def _duck_columns(table: Table, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    rows = connection.execute(f"select column_name, column_type from (describe {table})").fetchall()
    return {name: family(kind) for name, kind in rows if name not in BOOKKEEPING}


def _rows(table: Table, columns: dict[str, str], connection: Any) -> list[Row]:
    query = sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(
            sql.SQL("cast({} as text)" if kind == "json" else "{}").format(sql.Identifier(name))
            for name, kind in columns.items()
        ),
        sql.Identifier(table.schema, table.name),
    )
    places = {place: kind for place, kind in enumerate(columns.values()) if kind in {"json", "texts"}}
    rows: list[Row] = connection.execute(query.as_string(None)).fetchall()
    if not places:
        return rows
    return [tuple(_comparable(places.get(place), value) for place, value in enumerate(row)) for row in rows]


def _comparable(kind: str | None, value: Any) -> Any:
    if value is None or kind is None:
        return value
    if kind == "texts":
        return tuple(value)
    return json.dumps(json.loads(value, parse_int=_number, parse_float=_number), sort_keys=True)


def _number(digits: str) -> str:
    """A number's value as text that no string of an event has: 1.50 and 1.5 are one."""
    return f"\0{Decimal(digits).normalize()}"


def _told(columns: list[str], row: Row, others: Iterable[Row]) -> str:
    """The first columns of a row, which are its key, and those by which the most similar other row differs."""
    nearest = max(islice(others, SIMILAR), key=lambda other: sum(map(eq, row, other)), default=None)
    places = [place for place in range(len(row)) if place < KEYS or (nearest and row[place] != nearest[place])]
    told = ((columns[place], row[place]) for place in places)
    return " ".join(f"{column}={value!r}" if isinstance(value, str) else f"{column}={value}" for column, value in told)
