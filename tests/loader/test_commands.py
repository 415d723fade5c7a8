"""The command itself: what it prints where, and its exit codes."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from loader import __version__
from tests.conftest import CLEAN_ENVIRONMENT, LoaderCommand, RunningServer, loader_command
from tests.loader.conftest import Ask, event_line, event_lines

SUMMARY = re.compile(r"files: (.*); lines: (.*); \d+\.\d s, \d+ lines/s\n")


def test_ingest_says_what_it_did_on_stderr_and_exits_0(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))

    first = run_loader("ingest", tmp_path)
    second = run_loader("ingest", tmp_path)

    assert (first.returncode, first.stdout) == (0, "")
    found = SUMMARY.fullmatch(first.stderr)
    assert found is not None
    assert found.groups() == ("1 read", "10 read, 10 loaded, 0 rejected")
    found = SUMMARY.fullmatch(second.stderr)
    assert found is not None
    assert found.groups() == ("0 read, 1 unchanged", "0 read, 0 loaded, 0 rejected")


def test_dead_letters_give_exit_code_3_and_no_line_is_shown(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_line(1) + b'{"event": "secret-word"\n' + event_line(2)[:-5])

    done = run_loader("ingest", tmp_path)

    assert done.returncode == 3
    summary, *rest = done.stderr.splitlines(keepends=True)
    found = SUMMARY.fullmatch(summary)
    assert found is not None
    assert found.groups() == ("1 read", "2 read, 1 loaded, 1 rejected, 1 waiting for their end")
    assert "".join(rest) == (
        "loader: 1 lines broke the event contract and are kept in raw.dead_letters\n"
        "  next: see which reasons: loader status\n"
    )
    assert "secret-word" not in done.stderr


def test_the_summary_as_json_goes_to_stdout(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10) + b"[]\n")

    done = run_loader("ingest", tmp_path, "--json")

    found = json.loads(done.stdout)
    assert (found.pop("seconds") > 0, found.pop("lines_per_second") > 0) == (True, True)
    assert found == {
        "files_read": 1,
        "files_unchanged": 0,
        "files_refused": 0,
        "files_failed": 0,
        "files_gone": 0,
        "lines_read": 11,
        "lines_loaded": 10,
        "lines_rejected": 1,
        "lines_waiting": 0,
        "errors": [],
    }
    assert done.returncode == 3


def test_quiet_prints_nothing_when_all_is_well(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))

    done = run_loader("ingest", tmp_path, "--quiet")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_progress_bar_is_shown_on_a_terminal_only(
    tmp_path: Path, run_loader: LoaderCommand, database: str, server: RunningServer
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "loader", "ingest", str(tmp_path)],
        env=server.environment | {"DATABASE_URL": database, "TERM": "xterm"},
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)

    assert done.returncode == 0
    assert "loading" in shown
    assert "100%" in shown
    assert "loading" not in run_loader("ingest", tmp_path).stderr


def test_a_refused_file_gives_exit_code_4_and_the_others_are_loaded(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").symlink_to("a.jsonl")
    (tmp_path / "b.jsonl").write_bytes(event_lines(1, 10) + b"no json\n")

    done = run_loader("ingest", tmp_path)

    assert done.returncode == 4
    assert f"loader: {tmp_path}/a.jsonl cannot be read" in done.stderr
    assert "files: 1 read, 1 refused; lines: 11 read, 10 loaded, 1 rejected" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest"],
        ["ingest", "missing.jsonl"],
        ["ingest", "."],
        ["ingest", "notes.txt"],
        ["ingest", "a.jsonl", "--batch-lines", "0"],
        ["ingest", "a.jsonl", "--unknown"],
        ["unknown"],
        ["db", "url", "--role", "nobody"],
    ],
)
def test_wrong_usage_gives_exit_code_2(tmp_path: Path, run_loader: LoaderCommand, arguments: list[str]) -> None:
    (tmp_path / "notes.txt").touch()

    done = run_loader(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr != ""
    assert "Traceback" not in done.stderr


def test_a_server_that_does_not_answer_gives_exit_code_4(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_line(1))

    # Port 1 belongs to a service that nobody runs.
    url = "postgresql://someone:hidden@127.0.0.1:1/warehouse"
    done = run_loader("ingest", tmp_path, "--retry-for", "0", env={"DATABASE_URL": url})

    assert done.returncode == 4
    assert done.stderr.startswith("loader: the database cannot be reached: ")
    assert "Connection refused" in done.stderr
    assert done.stderr.endswith(
        "  next: start the server, or mend DATABASE_URL or the PG* variables; "
        "without any of them the embedded server is used\n"
    )
    assert "hidden" not in done.stderr


def test_a_wrong_password_gives_exit_code_4_and_is_not_shown(
    tmp_path: Path, run_loader: LoaderCommand, server: RunningServer
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_line(1))
    wrong = re.sub(r"postgres:[^@]*@", "postgres:hidden@", server.url)

    done = run_loader("ingest", tmp_path, env={"DATABASE_URL": wrong})

    assert done.returncode == 4
    assert 'password authentication failed for user "postgres"' in done.stderr
    assert "hidden" not in done.stderr


@pytest.mark.parametrize(
    "address", ["no address hidden", "postgres+driver://u:hidden@h/d", "postgresql://u:hidden@h:x/"]
)
def test_an_address_that_makes_no_sense_is_not_repeated(
    tmp_path: Path, run_loader: LoaderCommand, address: str
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_line(1))

    done = run_loader("ingest", tmp_path, env={"DATABASE_URL": address})

    assert done.returncode == 4
    assert done.stderr.startswith("loader: ")
    assert "hidden" not in done.stderr


@pytest.fixture
def bare_database(server: RunningServer, database: str) -> str:
    """The test's database with everything of the loader taken away."""
    with psycopg.connect(database, autocommit=True) as connection:
        for schema in ("raw", "staging", "intermediate", "marts", "seeds", "dbt_test__audit"):
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
        connection.execute("drop owned by loader, transformer, reader")
    return database


def test_a_database_without_the_schema_gives_exit_code_4_and_the_next_step(
    tmp_path: Path, run_loader: LoaderCommand, bare_database: str
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_line(1))

    for arguments in (["ingest", tmp_path], ["status"]):
        done = run_loader(*arguments)
        assert done.returncode == 4
        assert "is not set up for the loader" in done.stderr
        assert done.stderr.endswith("  next: run: loader init\n")


def test_init_sets_a_bare_database_up_and_may_be_repeated(
    tmp_path: Path, run_loader: LoaderCommand, bare_database: str, ask: Ask
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))

    assert run_loader("init").returncode == 0
    key = ask("select hash_key from raw.hash_key")
    assert run_loader("ingest", tmp_path).returncode == 0
    assert run_loader("init").returncode == 0

    assert len(key) == 1
    assert ask("select hash_key from raw.hash_key") == key
    assert ask("select count(*) from raw.events") == [(10,)]
    assert run_loader("ingest", tmp_path).returncode == 0
    assert ask("select count(*) from raw.events") == [(10,)]


def test_pg_variables_are_used_without_a_database_url(
    tmp_path: Path, run_loader: LoaderCommand, database: str, ask: Ask
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    found = psycopg.conninfo.conninfo_to_dict(database)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}

    done = run_loader(
        "ingest", tmp_path, env={"DATABASE_URL": ""} | {name: str(found[key]) for key, name in names.items()}
    )

    assert done.returncode == 0
    assert ask("select count(*) from raw.events") == [(10,)]


def test_aliases_are_found_in_the_seeds_of_the_project(tmp_path: Path, run_loader: LoaderCommand, ask: Ask) -> None:
    (tmp_path / "dbt_project.yml").touch()
    seeds = tmp_path / "seeds" / "contract"
    seeds.mkdir(parents=True)
    (seeds / "event_aliases.csv").write_text("alias,event,field,value\nold,session.feedback,,\n")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.jsonl").write_bytes(event_line(1, event="old", helpful=True) + event_line(2, event="old"))

    assert run_loader("ingest", "a.jsonl", cwd=logs).returncode == 3
    assert ask("select event, event_id from raw.events") == [("old", "event-1")]
    assert run_loader("ingest", "a.jsonl", cwd=logs, env={"LOADER_EVENT_ALIASES": "/dev/null/x"}).returncode == 4


def test_help_and_version_name_exit_codes_and_version() -> None:
    assert loader_command("--version", env=CLEAN_ENVIRONMENT).stdout == f"loader, version {__version__}\n"
    for arguments in (["--help"], ["ingest", "--help"]):
        shown = loader_command(*arguments, env=CLEAN_ENVIRONMENT).stdout
        assert "Exit codes:" in shown
        assert "3  done, and some lines broke the contract" in shown


@pytest.mark.parametrize("module", ["click", "psycopg", "zstandard"])
def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path, module: str) -> None:
    (tmp_path / f"{module}.py").write_text(f"raise ModuleNotFoundError('No module', name={module!r})\n")

    done = loader_command("--help", env=CLEAN_ENVIRONMENT | {"PYTHONPATH": str(tmp_path)})

    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        f"loader: the module {module} is missing: only the emitter is installed\n"
        "  next: install support-warehouse[loader], or support-warehouse[warehouse] with the embedded server\n"
    )


@pytest.mark.parametrize("role", ["loader", "transformer", "reader"])
def test_psql_acts_as_the_role_that_is_asked_for(run_loader: LoaderCommand, role: str) -> None:
    done = run_loader("db", "psql", "--role", role, "-XAtc", "select current_user")

    assert (done.returncode, done.stdout) == (0, f"{role}\n")


def test_url_and_env_lead_to_the_same_database_and_role(run_loader: LoaderCommand, database: str) -> None:
    with psycopg.connect(run_loader("db", "url", "--role", "reader").stdout.strip()) as connection:
        assert connection.execute("select current_user").fetchone() == ("reader",)
        assert connection.info.dbname == psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    shown = run_loader("db", "env", "--role", "reader").stdout.splitlines()
    assert "export PGOPTIONS='-c role=reader'" in shown
    assert all(line.startswith("export PG") for line in shown)


def test_no_password_is_in_the_process_list_of_psql(run_loader: LoaderCommand, database: str) -> None:
    password = psycopg.conninfo.conninfo_to_dict(database)["password"]

    done = run_loader("db", "psql", "-Xc", r"\! tr '\0' ' ' < /proc/$PPID/cmdline")

    assert "-Xc" in done.stdout
    assert str(password) not in done.stdout


def test_with_a_database_url_there_is_no_embedded_server_to_start(run_loader: LoaderCommand, tmp_path: Path) -> None:
    done = run_loader("db", "up", env={"LOADER_STATE_DIR": str(tmp_path / "state")})

    assert done.returncode == 0
    assert not (tmp_path / "state").exists()
