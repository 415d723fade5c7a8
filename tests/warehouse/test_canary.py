"""The canary: the whole project on another engine, DuckDB, with the same rows in every model."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import psycopg
import pytest

from tests.conftest import ROOT
from tests.warehouse.canary import Canary, Table
from tests.warehouse.engines import differences, family
from tests.warehouse.orderly import BOOKKEEPING_TABLES

HALF_OF_LOADS = "(select quantile_disc(load_id, 0.5) from raw.loads)"
SESSIONS = Table("marts", "fct_sessions")


@pytest.fixture(scope="module")
def canary(warehouse, tmp_path_factory) -> Canary:
    """What was loaded into the warehouse, built on DuckDB with all tests of the models, as of the same instant."""
    made = Canary(tmp_path_factory.mktemp("canary"))
    made.load(warehouse.url)
    made.build()
    return made


@contextmanager
def both(warehouse: Any, canary: Canary) -> Iterator[tuple[Any, Any]]:
    with psycopg.connect(warehouse.url) as postgres, duckdb.connect(canary.file) as duck:
        postgres.execute("set timezone to 'UTC'")
        duck.execute("set timezone to 'UTC'")
        yield postgres, duck


def test_every_model_has_the_same_rows_on_both_engines(warehouse, canary):
    with both(warehouse, canary) as (postgres, duck):
        duck.begin()
        for connection in (postgres, duck):
            # As if loaded when it happened: the live views leave out what is days old when it is loaded.
            connection.execute("update raw.loads set loaded_at = (select max(occurred_at) from raw.events)")
        found = [line for table in canary.compared for line in differences(table, postgres, duck)]
        empty = [str(table) for table in canary.compared if not duck.execute(f"from {table} limit 1").fetchone()]
        postgres.rollback()
        duck.rollback()
    assert not found, "\n".join(found)
    # A model without rows would agree with everything.
    assert empty == []


@pytest.mark.long
def test_an_increment_on_duckdb_gives_the_same_rows(warehouse, tmp_path):
    canary = Canary(tmp_path)
    canary.load(warehouse.url)
    with duckdb.connect(canary.file) as duck:
        duck.execute("create schema held")
        for table in ("events", "loads"):
            # What comes later repeats and continues what came before.
            duck.execute(f"create table held.{table} as from raw.{table} where load_id > {HALF_OF_LOADS}")
        duck.execute(f"delete from raw.events where load_id > {HALF_OF_LOADS}")
        duck.execute(f"delete from raw.loads where load_id > {HALF_OF_LOADS}")
    canary.build()
    with duckdb.connect(canary.file) as duck:
        for table in ("events", "loads"):
            duck.execute(f"insert into raw.{table} from held.{table}")
    canary.build()
    with both(warehouse, canary) as (postgres, duck):
        found = [line for table in canary.compared for line in differences(table, postgres, duck)]
    assert not found, "\n".join(found)


def test_every_model_is_compared_without_being_named(warehouse, canary):
    files = {file.stem for file in (ROOT / "models").rglob("*.sql")}
    assert {table.name for table in canary.models} == files
    with both(warehouse, canary) as (_, duck):
        made = duck.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema in ('staging', 'intermediate', 'marts')"
        ).fetchall()
    assert {Table(*row) for row in made if row[1] not in BOOKKEEPING_TABLES} == set(canary.models)


LAST = "session_id = (select max(session_id) from marts.fct_sessions)"


@pytest.mark.parametrize(
    ("doctored", "only_on_postgres", "only_on_duckdb"),
    [
        pytest.param(f"delete from marts.fct_sessions where {LAST}", 1, 0, id="lost"),
        pytest.param(f"update marts.fct_sessions set ai_turns_count = 99 where {LAST}", 1, 1, id="number"),
        pytest.param(f"update marts.fct_sessions set outcome = outcome || ' ' where {LAST}", 1, 1, id="text"),
        pytest.param(f"update marts.fct_sessions set site = null where {LAST}", 1, 1, id="null"),
        pytest.param(
            "update marts.fct_sessions set started_at = started_at + interval '1 microsecond' where " + LAST,
            1,
            1,
            id="instant",
        ),
        pytest.param(
            "update marts.fct_sessions set p95_ai_response_time_ms = nextafter(p95_ai_response_time_ms, 0::double)"
            " where p95_ai_response_time_ms = (select max(p95_ai_response_time_ms) from marts.fct_sessions)",
            1,
            1,
            id="last bit of a double",
        ),
    ],
)
def test_a_doctored_row_is_found(warehouse, canary, doctored, only_on_postgres, only_on_duckdb):
    with both(warehouse, canary) as (postgres, duck):
        duck.begin()
        duck.execute(doctored)
        found = differences(SESSIONS, postgres, duck)
        duck.rollback()
        (rows,) = duck.execute(f"select count(*) from {SESSIONS}").fetchone()
    there = {"Postgres": only_on_postgres, "DuckDB": only_on_duckdb}
    assert [line.split(" of ")[0] for line in found] == [
        f"{SESSIONS}: {count} rows on {engine} alone," for engine, count in there.items() if count
    ]
    assert all(f" of {rows} and " in line for line in found)
    # Its key, and if it is there on the other engine the one column that differs.
    assert {line.split("\n    ")[1].count("=") for line in found} == {4 if len(found) == 2 else 3}


def test_a_doubled_row_is_found(warehouse, canary):
    """Where no unique index refuses it."""
    steps = Table("intermediate", "int_ticket_steps_followed")
    with both(warehouse, canary) as (postgres, duck):
        duck.begin()
        duck.execute(f"insert into {steps} from {steps} limit 1")
        found = differences(steps, postgres, duck)
        duck.rollback()
    assert [line.split(" of ")[0] for line in found] == [f"{steps}: 1 rows on DuckDB alone,"]


def test_a_changed_payload_and_a_missing_column_are_found(warehouse, canary):
    lines = Table("staging", "base_event_lines")
    with both(warehouse, canary) as (postgres, duck):
        duck.begin()
        duck.execute("""
            update staging.base_event_lines set payload = json_merge_patch(payload, '{"seen": 1.5}')
            where load_id = 1 and line_number = 1
        """)
        changed = differences(lines, postgres, duck)
        duck.rollback()
        duck.begin()
        duck.execute("alter table marts.headline_figures_monthly drop column currency")
        missing = differences(Table("marts", "headline_figures_monthly"), postgres, duck)
        duck.rollback()
    assert [line.split(" of ")[0] for line in changed] == [
        f"{lines}: 1 rows on {engine} alone," for engine in ("Postgres", "DuckDB")
    ]
    assert len(missing) == 1
    assert missing[0].startswith("marts.headline_figures_monthly: columns ")


def test_a_type_without_a_rule_of_comparison_is_refused():
    with pytest.raises(KeyError, match="no rule how to compare columns of type interval"):
        family("interval")
