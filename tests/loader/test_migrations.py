"""From every old version of the raw schema, with data, to the newest: the same schema as a new one, and no row lost."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from loader.connection import address
from loader.errors import DatabaseError
from loader.migrations import NEWEST_VERSION
from loader.schema import SCHEMA_VERSION, require_schema, set_up
from tests.conftest import RunningServer, loader_command, parsed
from tests.loader.catalogue import contents, described
from tests.loader.conftest import event_lines

SCHEMAS = Path(__file__).parent / "schemas"
#: Forms of the schema that `loader init` made before its migrations, oldest first.
OLD_FORMS = ("version_1", "version_2")

Bare = Callable[[], str]


@pytest.fixture
def bare_database(server: RunningServer) -> Iterator[Bare]:
    """``bare_database()`` is the owner's address of a database that nothing was set up in."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(_bare(server, "bare"))


@contextmanager
def _bare(server: RunningServer, name: str) -> Iterator[str]:
    parameters = parsed(server.url) | {"dbname": name}
    with psycopg.connect(**(parameters | {"dbname": "postgres"}), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        try:
            yield address(parameters)
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(params=OLD_FORMS)
def old_database(request: pytest.FixtureRequest, bare_database: Bare) -> str:
    """Address of a database as an earlier ``loader init`` and ``loader ingest`` left it."""
    url = bare_database()
    with psycopg.connect(url) as connection:
        for script in (f"{request.param}.sql", "roles.sql", f"{request.param}_data.sql"):
            connection.execute((SCHEMAS / script).read_bytes())
    return url


def test_every_old_form_becomes_what_a_new_database_is(old_database: str, database: str) -> None:
    initialise(old_database)

    new = described(database)
    assert described(old_database) == new
    for part in ("columns", "constraints", "indexes", "grants", "functions"):
        assert new[part]


def test_rows_of_an_old_form_stay_as_they_were(old_database: str) -> None:
    before = contents(old_database)
    assert all(before[table] for table in ("source_files", "loads", "events", "dead_letters", "hash_key"))

    initialise(old_database)

    after = contents(old_database)
    for table, rows in before.items():
        assert [{name: row[name] for name in rows[0]} for row in after[table]] == rows


def test_old_loads_learn_their_day_and_heads(old_database: str) -> None:
    initialise(old_database)

    with psycopg.connect(old_database) as connection:
        days = connection.execute(
            "select distinct loads.loaded_on = events.loaded_on from raw.loads"
            " inner join raw.events on loads.load_id = events.load_id"
        ).fetchall()
        heads = connection.execute(
            "select distinct loads.head_hash = source_files.head_hash from raw.loads"
            " inner join raw.source_files on loads.source_file_id = source_files.source_file_id"
            " where bytes_to = bytes_consumed"
        ).fetchall()
    assert days == [(True,)]
    assert heads == [(True,)]


def test_files_of_an_old_form_are_known_and_read_on(old_database: str, server: RunningServer, tmp_path: Path) -> None:
    environment = server.environment | {"DATABASE_URL": old_database}
    shutil.copytree(SCHEMAS / "delivered", tmp_path / "logs")
    assert loader_command("init", env=environment).returncode == 0

    again = loader_command("ingest", tmp_path / "logs", env=environment)
    with (tmp_path / "logs" / "one.jsonl").open("ab") as log:
        log.write(event_lines(21, 23))
    more = loader_command("ingest", tmp_path / "logs", env=environment)

    assert "lines: 0 read" in again.stderr
    assert "lines: 3 read, 3 loaded, 0 rejected" in more.stderr


@pytest.mark.parametrize("command", [("ingest", "logs"), ("status",), ("prune", "--older-than", "1d")])
def test_a_database_that_is_behind_or_ahead_is_refused(
    database: str, server: RunningServer, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.jsonl").write_bytes(event_lines(1, 1))
    environment = server.environment | {"DATABASE_URL": database}

    _pretend(database, SCHEMA_VERSION - 1)
    behind = loader_command(*command, env=environment, cwd=tmp_path)
    _pretend(database, SCHEMA_VERSION + 1)
    ahead = loader_command(*command, env=environment, cwd=tmp_path)

    assert (behind.returncode, ahead.returncode) == (4, 4)
    assert f"has version {SCHEMA_VERSION - 1} of the raw schema, this loader needs version" in behind.stderr
    assert behind.stderr.endswith("next: run: loader init\n")
    assert "this loader is older than the database" in ahead.stderr
    assert "loader init" not in ahead.stderr


def test_init_leaves_a_newer_database_alone(database: str) -> None:
    _pretend(database, SCHEMA_VERSION + 1)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("revoke insert on raw.events from loader")
        with pytest.raises(DatabaseError, match="this loader is older than the database"):
            set_up(connection)
        row = connection.execute("select has_table_privilege('loader', 'raw.events', 'insert')").fetchone()
    assert row == (False,)


def test_a_database_of_before_version_1_was_done_is_refused(bare_database: Bare, server: RunningServer) -> None:
    url = bare_database()
    with psycopg.connect(url) as connection:
        connection.execute((SCHEMAS / "version_1.sql").read_bytes())
        connection.execute("insert into raw.schema_versions (schema_version) values (1)")
        connection.execute("alter table raw.loads drop column head_hash")
    done = loader_command("init", env=server.environment | {"DATABASE_URL": url})
    assert done.returncode == 4
    assert "version 2 of the raw schema cannot be applied to the database bare: its files would" in done.stderr


def test_two_inits_at_once_both_succeed(old_database: str, server: RunningServer, database: str) -> None:
    environment = server.environment | {"DATABASE_URL": old_database}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "loader", "init"], env=environment, cwd="/", stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[1] for process in running]

    assert said == ["the database is set up\n"] * 2
    assert [process.returncode for process in running] == [0, 0]
    assert described(old_database) == described(database)


def test_a_migration_that_fails_leaves_the_version_before_it_and_the_next_init_goes_on(
    bare_database: Bare, server: RunningServer, database: str
) -> None:
    url = bare_database()
    environment = server.environment | {"DATABASE_URL": url}
    with psycopg.connect(url, autocommit=True) as connection:
        # Stands in the way of version 2, whose first statements have run by then.
        connection.execute("create schema raw; create table raw.pruned_lines (id int)")
        failed = loader_command("init", env=environment)
        columns = connection.execute(
            "select count(*) from pg_attribute where attrelid = 'raw.loads'::regclass and attname = 'loaded_on'"
        ).fetchone()
        version = connection.execute("select version_num from raw.alembic_version").fetchone()
        connection.execute("drop table raw.pruned_lines")

    assert failed.returncode == 4
    assert "version 2" in failed.stderr
    assert '"pruned_lines" already exists' in failed.stderr
    assert (columns, version) == ((0,), ("0001",))
    assert loader_command("init", env=environment).returncode == 0
    assert described(url) == described(database)


def test_a_set_up_that_broke_off_before_its_end_counts_as_none(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("truncate raw.schema_versions; revoke insert on raw.events from loader")
        with pytest.raises(DatabaseError, match="is not set up"):
            require_schema(connection)
        set_up(connection)
        require_schema(connection)
        row = connection.execute("select has_table_privilege('loader', 'raw.events', 'insert')").fetchone()
    assert row == (True,)


def test_commands_that_only_compare_the_version_do_not_load_alembic(database: str, server: RunningServer) -> None:
    program = (
        "import sys, runpy; sys.argv = ['loader', 'status']\n"
        "try: runpy.run_module('loader', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print({'alembic', 'sqlalchemy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=server.environment | {"DATABASE_URL": database},
        cwd="/",
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "set()"
    assert done.stdout.splitlines()[0].startswith("files")


def test_versions_are_numbered_from_one_without_a_gap() -> None:
    folder = Path(__file__).parents[2] / "loader" / "migrations" / "versions"
    numbers = [path.name[:5] for path in sorted(folder.glob("v*.sql"))]
    assert numbers == [f"v{number:04}" for number in range(1, NEWEST_VERSION + 1)]
    assert [path.stem for path in sorted(folder.glob("v*.py"))] == [path.stem for path in sorted(folder.glob("v*.sql"))]


def initialise(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        set_up(connection)
        require_schema(connection)


def _pretend(url: str, version: int) -> None:
    """Let the database say that it has another version."""
    with psycopg.connect(url) as connection:
        connection.execute("delete from raw.schema_versions")
        connection.execute("insert into raw.schema_versions (schema_version) values (%s)", [version])
