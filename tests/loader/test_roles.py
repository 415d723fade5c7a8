"""What each role may do, and what it may not: tried, as a session that logged in as that role."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors

from loader.errors import DatabaseError
from loader.schema import set_up
from tests.conftest import RunningServer, parsed
from tests.loader.conftest import Ask, Load, event_line

Act = Callable[..., psycopg.Cursor[Any]]


@pytest.fixture
def log_in(database: str, server: RunningServer) -> Iterator[Callable[[str], Act]]:
    """``log_in(role)`` gives a function that runs a statement as the role, on a warehouse with one mart."""
    name = str(psycopg.conninfo.conninfo_to_dict(database)["dbname"])
    with ExitStack() as stack:

        def connect(role: str) -> Act:
            parameters = server.parameters(name, role)
            connection = stack.enter_context(psycopg.connect(**parameters, autocommit=True))
            return connection.execute

        transformer = connect("transformer")
        transformer("create table marts.sessions as select 1 as sessions_count")
        transformer("create table staging.events as select 1 as event_id")
        yield connect


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("reader", "select * from raw.events"),
        ("reader", "select * from raw.dead_letters"),
        ("reader", "select * from raw.hash_key"),
        ("reader", "select * from raw.erased_lines"),
        ("reader", "select * from staging.events"),
        ("reader", "insert into marts.sessions values (2)"),
        ("reader", "delete from marts.sessions"),
        ("reader", "create table marts.mine (id int)"),
        ("reader", "create table raw.mine (id int)"),
        ("reader", "select raw.ensure_partition('2026-01-01')"),
        ("loader", "update raw.events set event = 'x'"),
        ("loader", "delete from raw.events"),
        ("loader", "truncate raw.events"),
        ("loader", "select * from raw.events"),
        ("loader", "select * from raw.dead_letters"),
        ("loader", "update raw.dead_letters set state = 'new'"),
        ("loader", "delete from raw.dead_letters"),
        ("loader", "update raw.loads set lines_read = 0"),
        ("loader", "delete from raw.source_files"),
        ("loader", "select * from raw.erased_cases"),
        ("loader", "select * from raw.erased_lines"),
        ("loader", "select * from raw.hash_key"),
        ("loader", "drop table raw.events"),
        ("loader", "create table raw.mine (id int)"),
        ("loader", "select * from marts.sessions"),
        ("transformer", "insert into raw.loads (source_file_id) values (1)"),
        ("transformer", "insert into raw.hash_key (hash_key) values (repeat('0', 64))"),
        ("transformer", "update raw.hash_key set hash_key = repeat('0', 64)"),
        ("transformer", "update raw.events set event = 'x'"),
        ("transformer", "delete from raw.dead_letters"),
        ("transformer", "update raw.dead_letters set state = 'discarded', line = null"),
        ("transformer", "delete from raw.erased_cases"),
        ("transformer", "create table raw.mine (id int)"),
        ("transformer", "select raw.ensure_partition('2026-01-01')"),
    ],
)
def test_a_role_is_refused_what_is_not_its_own(log_in: Callable[[str], Act], role: str, statement: str) -> None:
    act = log_in(role)
    with pytest.raises(errors.InsufficientPrivilege):
        act(statement)


def test_the_loader_is_refused_a_partition_by_its_name(
    tmp_path: Path, load: Load, ask: Ask, log_in: Callable[[str], Act]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_line(1))
    load(path)
    partition = ask("select cast(tableoid::regclass as text) from raw.events")[0][0]
    for role in ("loader", "reader"):
        act = log_in(role)
        with pytest.raises(errors.InsufficientPrivilege):
            act(f"delete from {partition}")  # a name that the database gave
        with pytest.raises(errors.InsufficientPrivilege):
            act(f"select * from {partition}")


def test_the_reader_reads_marts(log_in: Callable[[str], Act]) -> None:
    assert log_in("reader")("select sessions_count from marts.sessions").fetchall() == [(1,)]


def test_the_transformer_reads_raw_and_owns_the_rest(tmp_path: Path, load: Load, log_in: Callable[[str], Act]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_line(1) + b"no json\n")
    load(path)
    act = log_in("transformer")

    assert act("select event from raw.events").fetchall() == [("session.start",)]
    assert act("select reason from raw.dead_letters").fetchall() == [("not_json",)]
    assert act("select length(hash_key) from raw.hash_key").fetchall() == [(64,)]
    for schema in ("staging", "intermediate", "marts", "seeds", "dbt_test__audit"):
        act(f"create table {schema}.mine (id int)")  # names of this test
    act("create schema more")
    act("create temporary table passing (id int)")


def test_ingest_acts_as_the_loader_even_for_the_owner(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_line(1))
    load(path)
    partition = ask("select cast(tableoid::regclass as text) from raw.events")[0][0]
    # The partition was made by the owner's function, not by the loader.
    assert ask("select pg_get_userbyid(relowner) from pg_class where oid = %s::regclass", partition) == [("postgres",)]


def test_the_hash_key_is_one_random_row_that_set_up_never_changes(database: str, ask: Ask) -> None:
    before = ask("select hash_key from raw.hash_key")
    with psycopg.connect(database, autocommit=True) as connection:
        set_up(connection)
    assert ask("select hash_key from raw.hash_key") == before
    with pytest.raises(errors.UniqueViolation):
        ask("insert into raw.hash_key (hash_key) values (repeat('0', 64))")


def test_an_owner_who_is_no_superuser_can_set_up_and_ingest(
    server: RunningServer, database: str, tmp_path: Path
) -> None:
    parameters = server.parameters("postgres")
    with psycopg.connect(**parameters, autocommit=True) as connection:
        connection.execute("create role landlord login createrole password 'for this test'")
        # Roles that exist in the cluster already are granted by whoever runs it.
        connection.execute("grant loader, transformer, reader to landlord with admin option")
        connection.execute("create database rented owner landlord")
        try:
            with psycopg.connect(
                **(parameters | {"user": "landlord", "password": "for this test", "dbname": "rented"}),
                autocommit=True,
            ) as landlord:
                set_up(landlord)
                set_up(landlord)
                landlord.execute("set role loader")
                landlord.execute("select raw.ensure_partition('2026-01-01')")
                with pytest.raises(errors.InsufficientPrivilege):
                    landlord.execute("select * from raw.events")
        finally:
            connection.execute("drop database rented with (force)")
            connection.execute("drop owned by landlord")
            connection.execute("drop role landlord")


def test_a_user_without_the_rights_to_set_up_is_told_who_can(server: RunningServer, database: str) -> None:
    with psycopg.connect(**server.parameters("postgres"), autocommit=True) as connection:
        connection.execute("create role lodger login password 'for this test'")
        try:
            found = parsed(database) | {"user": "lodger", "password": "for this test"}
            with (
                psycopg.connect(**found, autocommit=True) as lodger,
                pytest.raises(DatabaseError, match=r"^lodger may not set up the database test_\d+: permission denied"),
            ):
                set_up(lodger)
        finally:
            connection.execute("drop role lodger")


def test_partitions_are_one_per_day_and_made_once(ask: Ask) -> None:
    ask("select raw.ensure_partition('2026-01-31'), raw.ensure_partition('2026-01-31')")
    ask("select raw.ensure_partition('2026-02-01')")
    found = ask(
        "select relname, pg_get_expr(relpartbound, oid) from pg_class"
        " where relispartition and relname like 'events_2026%%' order by relname"
    )
    assert [row for row in found if row[0] in ("events_20260131", "events_20260201")] == [
        ("events_20260131", "FOR VALUES FROM ('2026-01-31') TO ('2026-02-01')"),
        ("events_20260201", "FOR VALUES FROM ('2026-02-01') TO ('2026-02-02')"),
    ]
