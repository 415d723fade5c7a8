"""The embedded server: closed to others, found again, started again, and never a hand on folders of others."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from loader.account import Account
from loader.server import Server, cache_mb, memory_bytes
from tests.conftest import CLEAN_ENVIRONMENT, loader_command
from tests.loader.conftest import event_lines


@dataclass(frozen=True)
class Place:
    """A dbt project with logs, and the environment that puts its embedded server beside it."""

    project: Path
    state: Path
    environment: dict[str, str]

    def loader(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return loader_command(*arguments, env=self.environment, cwd=self.project)

    def up(self) -> int:
        """The process id of the server, after ``loader db up``."""
        done = self.loader("db", "up")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "the embedded server runs\n")
        return int((self.state / "data" / "postmaster.pid").read_text().splitlines()[0])

    def ask(self, statement: str, role: str = "admin") -> str:
        done = self.loader("db", "psql", "--role", role, "-XAtc", statement)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@contextmanager
def new_place() -> Iterator[Place]:
    # Not pytest's tmp_path: it is closed to the account that the server runs under when the tests run as root.
    base = Path(tempfile.mkdtemp(prefix="support-warehouse-tests-"))
    base.chmod(0o711)
    project = base / "project"
    (project / "logs").mkdir(parents=True)
    (project / "dbt_project.yml").touch()
    (project / "logs" / "a.jsonl").write_bytes(event_lines(1, 10))
    environment = CLEAN_ENVIRONMENT | {"LOADER_STATE_DIR": str(base / "state")}
    if binaries := os.environ.get("LOADER_PG_BIN"):
        environment["LOADER_PG_BIN"] = binaries
    found = Place(project, base / "state", environment)
    try:
        yield found
    finally:
        found.loader("db", "down")
        shutil.rmtree(base)


@pytest.fixture
def place() -> Iterator[Place]:
    """A project whose server does not exist yet."""
    with new_place() as found:
        yield found


@pytest.fixture(scope="module")
def running() -> Iterator[Place]:
    """A project whose server runs, for tests that only look."""
    with new_place() as found:
        found.up()
        yield found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_ingest_starts_makes_and_sets_up_the_server_by_itself(place: Place) -> None:
    done = place.loader("ingest", "logs")
    assert done.returncode == 0
    assert "10 loaded" in done.stderr
    assert "0 read, 1 unchanged" in place.loader("ingest", "logs").stderr
    assert place.ask("select count(*) from raw.events", role="transformer") == "10"


def test_the_server_listens_on_loopback_only_and_wants_a_password(running: Place) -> None:
    assert running.ask("show listen_addresses") == "127.0.0.1"
    assert running.ask("show unix_socket_directories") == ""
    assert running.ask("select distinct auth_method from pg_hba_file_rules") == "scram-sha-256"
    url = running.loader("db", "url").stdout.strip()
    for password in ("", "wrong"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(re.sub(r":[^:@]*@", f":{password}@", url), passfile="/dev/null")


def test_data_and_credentials_are_closed_to_others_and_foreign_folders_keep_their_modes(place: Place) -> None:
    ancestors = {folder: mode(folder) for folder in (place.project, *place.project.parents)}
    other_umask = os.umask(0)
    try:
        place.loader("ingest", "logs")
    finally:
        os.umask(other_umask)

    assert {folder: mode(folder) for folder in ancestors} == ancestors
    assert mode(place.state / "data") == 0o700
    assert mode(place.state / "credentials.json") == 0o600
    assert mode(place.state / "server.log") == 0o600
    assert mode(place.state) == (0o711 if os.geteuid() == 0 else 0o700)
    assert mode(place.project / ".env") == 0o600
    assert not (place.state / "password").exists()


def test_a_state_folder_that_was_there_keeps_its_mode(place: Place) -> None:
    place.state.mkdir()
    place.state.chmod(0o755)
    place.up()
    assert mode(place.state) == 0o755


def test_the_server_log_holds_no_values_of_lines(running: Place) -> None:
    done = running.loader("db", "psql", "-Xc", "select cast('secret-word' as int)")
    assert done.returncode == 1
    log = (running.state / "server.log").read_text()
    assert "secret-word" not in log.replace('invalid input syntax for type integer: "secret-word"', "")
    assert "STATEMENT" not in log


def test_dbt_is_told_where_the_server_is_and_other_lines_stay(place: Place) -> None:
    env = place.project / ".env"
    env.write_text("# mine\nOTHER=1\nEMBEDDED_PGPORT=1\n")
    env.chmod(0o644)

    place.up()

    lines = env.read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines[2:])
    assert lines[:2] == ["# mine", "OTHER=1"]
    assert list(values) == [
        "EMBEDDED_PGHOST",
        "EMBEDDED_PGPORT",
        "EMBEDDED_PGDATABASE",
        "EMBEDDED_PGUSER",
        "EMBEDDED_PGPASSWORD",
    ]
    assert mode(env) == 0o600
    with psycopg.connect(
        host=values["EMBEDDED_PGHOST"],
        port=values["EMBEDDED_PGPORT"],
        dbname=values["EMBEDDED_PGDATABASE"],
        user=values["EMBEDDED_PGUSER"],
        password=values["EMBEDDED_PGPASSWORD"],
    ) as connection:
        assert connection.execute("select current_user").fetchone() == ("transformer",)
    place.loader("db", "up")
    assert env.read_text().splitlines() == lines


def test_a_folder_that_is_no_dbt_project_gets_no_env_file(place: Place) -> None:
    (place.project / "dbt_project.yml").unlink()
    place.up()
    assert not (place.project / ".env").exists()


def test_up_and_down_may_be_repeated_and_data_stay(place: Place) -> None:
    first = place.up()
    assert place.up() == first
    place.ask("create table kept as select 1 as id")
    port = place.ask("show port")
    assert place.loader("db", "down").stderr == "the embedded server is stopped\n"
    assert place.loader("db", "down").stderr == "the embedded server did not run\n"

    done = place.loader("status")
    assert done.returncode == 4
    assert done.stderr == ("loader: the embedded server does not run\n  next: start it with: loader db up\n")
    place.up()
    assert (place.ask("select id from kept"), place.ask("show port")) == ("1", port)


def test_two_ups_at_once_make_one_server(place: Place) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "loader", "db", "up"],
            env=place.environment,
            cwd=place.project,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [(process.communicate()[1], process.returncode) for process in both] == [
        ("the embedded server runs\n", 0)
    ] * 2
    assert place.ask("select count(*) from raw.hash_key") == "1"


def test_a_killed_server_is_started_again(place: Place) -> None:
    process_id = place.up()
    place.loader("ingest", "logs")
    children = place.ask(
        "select string_agg(cast(pid as text), ' ') from pg_stat_activity where pid <> pg_backend_pid()"
    )
    os.kill(process_id, signal.SIGKILL)
    for child in children.split():
        while Path(f"/proc/{child}").exists():
            pass  # its processes notice that it is gone

    assert place.up() != process_id
    assert place.ask("select count(*) from raw.events") == "10"


def test_a_process_number_that_went_to_another_program_is_no_server(place: Place) -> None:
    first = place.up()
    pid_file = place.state / "data" / "postmaster.pid"
    kept = pid_file.read_text()
    port = int(place.ask("show port"))
    owner = (place.state / "data").stat().st_uid
    place.loader("db", "down")
    # What a restart of the machine leaves: the old file, whose number and port now belong to other programs. The
    # number to one of the same account, else PostgreSQL itself would see that it is not the server's.
    with (
        subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, user=owner) as other,
        socket.create_server(("127.0.0.1", port)),
    ):
        pid_file.write_text(kept.replace(str(first), str(other.pid), 1))

        assert place.loader("status").returncode == 4
        assert place.up() not in (first, other.pid)
        assert place.ask("select 1") == "1"


def test_a_port_that_is_taken_is_left_to_its_owner(place: Place) -> None:
    place.up()
    port = int(place.ask("show port"))
    place.loader("db", "down")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        place.up()
        assert int(place.ask("show port")) != port


def test_a_broken_attempt_to_make_the_server_is_not_used(place: Place) -> None:
    (place.state / "data.new" / "base").mkdir(parents=True)
    place.up()
    assert place.ask("select 1") == "1"
    assert not (place.state / "data.new").exists()


def test_data_of_another_version_are_refused_with_the_next_step(place: Place) -> None:
    place.up()
    place.loader("db", "down")
    version = place.state / "data" / "PG_VERSION"
    was = version.read_text()
    version.write_text("9\n")

    done = place.loader("db", "up")

    assert done.returncode == 4
    assert f"the data in {place.state}/data are of PostgreSQL 9, the programs of {was.strip()}" in done.stderr
    assert "next: set LOADER_PG_BIN to the bin folder of PostgreSQL 9" in done.stderr


def test_destroy_deletes_data_and_credentials_only_when_told_so(place: Place) -> None:
    place.up()
    assert place.loader("db", "destroy").returncode != 0
    assert (place.state / "data").exists()
    (place.state / "mine.txt").touch()

    assert place.loader("db", "destroy", "--yes").returncode == 0

    assert sorted(path.name for path in place.state.iterdir()) == ["lock", "mine.txt"]
    assert place.loader("db", "destroy", "--yes").returncode == 0


def test_hostile_variables_do_not_reach_the_server(place: Place) -> None:
    place.environment.update({"PGDATA": "/nonexistent", "PGOPTIONS": "-c role=reader", "LC_ALL": "xx_XX", "TZ": "Mars"})
    done = place.loader("ingest", "logs")
    assert done.returncode == 0, done.stderr
    del place.environment["PGOPTIONS"]
    assert place.ask("show timezone", role="reader") == "UTC"
    locale = "select datcollate || ' ' || datctype from pg_database where datname = current_database()"
    assert place.ask(locale) == "C C.UTF-8"


def test_an_empty_environment_is_enough(place: Place) -> None:
    place.environment.pop("PATH")
    place.environment.pop("LC_ALL")
    assert place.loader("ingest", "logs").returncode == 0


def test_strangers_may_not_connect_to_the_database(running: Place) -> None:
    running.ask("create role stranger login password 'known'")
    url = running.loader("db", "url").stdout.strip()
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(url, user="stranger", password="known")


def test_credentials_that_are_gone_are_told_with_the_next_step(place: Place) -> None:
    place.up()
    (place.state / "credentials.json").unlink()
    done = place.loader("status")
    assert done.returncode == 4
    assert "credentials of the embedded server" in done.stderr
    assert "loader db destroy" in done.stderr


def test_programs_that_are_not_there_are_told_with_the_next_step(place: Place) -> None:
    place.environment["LOADER_PG_BIN"] = "/nonexistent/bin"
    done = place.loader("ingest", "logs")
    assert done.returncode == 4
    assert done.stderr == (
        "loader: LOADER_PG_BIN is /nonexistent/bin, and there is no initdb in it\n"
        "  next: set it to the bin folder of a PostgreSQL server (15 or later), or unset it\n"
    )


def test_a_stopped_server_has_no_port(tmp_path: Path) -> None:
    assert Server(tmp_path, tmp_path, Account(os.geteuid(), os.getegid(), is_other=False)).port() is None


def test_the_server_caches_an_eighth_of_the_memory_within_bounds(running: Place) -> None:
    assert [cache_mb(gib * 2**30) for gib in (0.5, 4, 64)] == [128, 512, 1024]
    in_mb = "select setting::bigint * 8 / 1024 from pg_settings where name = 'shared_buffers'"
    assert running.ask(in_mb) == str(cache_mb(memory_bytes()))


def test_a_container_has_the_memory_that_it_may_take(tmp_path: Path) -> None:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = tmp_path / "memory.max"
    assert memory_bytes(limit) == machine
    for text, memory in (("max\n", machine), ("536870912\n", 2**29), (f"{2 * machine}\n", machine)):
        limit.write_text(text)
        assert memory_bytes(limit) == memory
