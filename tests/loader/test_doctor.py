"""``loader doctor`` finds what is wrong, says so in a line, and changes nothing."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from loader.doctor import Finding, judged_clock, judged_room, judged_server, judged_tls
from tests.conftest import ROOT, LoaderCommand, RunningServer, loader_command, parsed
from tests.loader.catalogue import contents, described
from tests.loader.conftest import Load, event_lines

GIB = 1024**3
Examine = Callable[..., dict[str, Finding]]


@pytest.fixture
def examine(run_loader: LoaderCommand, tmp_path: Path) -> Examine:
    """``examine(*paths, env={…}, cwd=…)``: what the doctor finds, by check; its exit code fits."""

    def run(*paths: Path, env: dict[str, str] | None = None, cwd: Path = tmp_path) -> dict[str, Finding]:
        done = run_loader("doctor", *paths, "--json", env=env, cwd=cwd)
        shown = json.loads(done.stdout)
        findings = {found["check"]: Finding(**found) for found in shown["findings"]}
        failures = [found for found in findings.values() if found.level == "fail"]
        assert all(found.next_step for found in findings.values() if found.level != "ok")
        assert (done.returncode, shown["is_well"]) == ((4, False) if failures else (0, True))
        assert len(findings) == len(shown["findings"])
        return findings

    return run


def test_a_healthy_place_has_a_line_for_each_question_and_exit_code_0(
    tmp_path: Path, run_loader: LoaderCommand, load: Load, database: str
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    load(tmp_path / "a.jsonl")
    before = described(database), contents(database)

    done = run_loader("doctor", tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        f"ok    {check}"
        for check in ("logs", "parameters", "disk", "connection", "tls", "server", "clock", "size", "schema",
                      "role loader", "role transformer", "role reader", "partitions", "dbt")
    ]  # fmt: skip
    assert (described(database), contents(database)) == before


def test_a_server_that_does_not_answer_is_told_and_nothing_else_is_asked_of_it(examine: Examine) -> None:
    findings = examine(env={"DATABASE_URL": "postgresql://nobody:hidden@127.0.0.1:1/none"})
    assert [found.check for found in findings.values() if found.level == "fail"] == ["connection"]
    assert findings["connection"].what.startswith("the database cannot be reached")
    assert "hidden" not in str(findings)
    assert "schema" not in findings


def test_an_embedded_server_that_does_not_run_is_not_started(tmp_path: Path, server: RunningServer) -> None:
    environment = server.environment | {"LOADER_STATE_DIR": str(tmp_path / "state")}
    done = loader_command("doctor", env=environment, cwd=tmp_path)
    assert done.returncode == 4
    assert "fail  connection: the embedded server does not run  next: start it with: loader db up\n" in done.stdout
    assert not (tmp_path / "state").exists()


def test_the_room_of_the_embedded_server_is_looked_at(tmp_path: Path, server: RunningServer) -> None:
    # Other tests take rights away that all databases of the server share.
    loader_command("init", env=server.environment, cwd=tmp_path)
    done = loader_command("doctor", env=server.environment, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert f"are free in {server.environment['LOADER_STATE_DIR']}" in done.stdout


@pytest.mark.parametrize(
    ("statement", "check", "words"),
    [
        ("update raw.schema_versions set schema_version = 0", "schema", "has version 0 of the raw schema"),
        ("revoke insert on raw.events from loader", "role loader", "may not insert into raw.events"),
        (
            "revoke execute on function raw.ensure_partition(date) from loader",
            "role loader",
            "may not make a day's partition",
        ),
        ("grant delete on raw.events to loader", "role loader", "may delete from raw.events, and should not"),
        ("revoke select on raw.events from transformer", "role transformer", "may not read raw.events"),
        ("grant usage on schema raw to reader", "role reader", "may enter raw, and should not"),
        ("drop table raw.events_{day}", "partitions", "1 days of loads have none"),
    ],
)
def test_what_is_wrong_in_the_database_is_found(
    tmp_path: Path, load: Load, database: str, examine: Examine, statement: str, check: str, words: str
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    load(tmp_path / "a.jsonl")
    with psycopg.connect(database) as connection:
        for (day,) in connection.execute("select distinct to_char(loaded_on, 'YYYYMMDD') from raw.loads").fetchall():
            connection.execute(statement.format(day=day))

    findings = examine()

    assert [found.check for found in findings.values() if found.level == "fail"] == [check]
    assert words in findings[check].what


def test_files_that_cannot_be_read_are_found(tmp_path: Path, examine: Examine) -> None:
    assert examine()["logs"].what == "no path was given, none was looked at"
    (tmp_path / "a.jsonl").symlink_to("a.jsonl")
    assert "a.jsonl cannot be read" in examine(tmp_path)["logs"].what
    assert examine(tmp_path / "missing")["logs"].level == "fail"


def test_the_folder_of_the_parameters_is_looked_at(tmp_path: Path, examine: Examine) -> None:
    project = tmp_path / "project"
    shutil.copytree(ROOT / "seeds", project / "seeds")
    shutil.copy(ROOT / "profiles.yml", project)
    (project / "dbt_project.yml").write_text("name: other\nversion: 1.0.0\nprofile: support_warehouse\n")
    own = tmp_path / "own"
    shutil.copytree(ROOT / "seeds" / "parameters", own)
    (own / "tenants.csv").unlink()

    chosen = examine(cwd=project, env={"WAREHOUSE_PARAMETERS": str(own)})["parameters"]
    (project / ".env").write_text("# ours\nWAREHOUSE_PARAMETERS='../own'\n")
    told = examine(cwd=project)["parameters"]

    assert (chosen.level, chosen.what) == ("fail", f"{own} lacks tenants.csv")
    assert (told.level, told.what) == ("fail", f"{project}/../own lacks tenants.csv")
    (project / ".env").unlink()
    assert examine(cwd=project)["parameters"].level == "ok"


def test_dbt_of_this_project_has_the_same_database(examine: Examine, database: str) -> None:
    found = examine(cwd=ROOT)["dbt"]
    name = parsed(database)["dbname"]
    assert (found.level, found.what.endswith(f"/{name}")) == ("ok", True)


def test_a_profile_that_points_elsewhere_is_found(tmp_path: Path, examine: Examine, database: str) -> None:
    found = parsed(database)
    (tmp_path / "dbt_project.yml").write_text("name: other\nversion: 1.0.0\nprofile: elsewhere\n")
    profile = {"type": "postgres", "host": found["host"], "port": int(found["port"]), "user": found["user"],
               "password": found["password"], "dbname": "postgres", "schema": "public"}  # fmt: skip
    (tmp_path / "profiles.yml").write_text(json.dumps({"elsewhere": {"target": "a", "outputs": {"a": profile}}}))

    elsewhere = examine()["dbt"]
    profile["port"] = 1
    (tmp_path / "profiles.yml").write_text(json.dumps({"elsewhere": {"target": "a", "outputs": {"a": profile}}}))
    nowhere = examine()["dbt"]

    assert elsewhere.level == "fail"
    assert f":{found['port']}/postgres, the loader's database is {found['host']}:{found['port']}/" in elsewhere.what
    assert nowhere.level == "fail"
    assert nowhere.what.startswith("dbt cannot connect")
    assert found["password"] not in str(elsewhere) + str(nowhere)


@pytest.mark.parametrize(
    ("free", "total", "level"),
    [(GIB - 1, 4 * GIB, "fail"), (GIB, 4 * GIB, "warn"), (5 * GIB, 200 * GIB, "warn"), (10 * GIB, 200 * GIB, "ok")],
)
def test_little_room_is_warned_of_and_none_fails(free: int, total: int, level: str) -> None:
    assert judged_room(free, total, Path("/data")).level == level


@pytest.mark.parametrize(("number", "level"), [(140_018, "fail"), (150_000, "ok"), (180_004, "ok")])
def test_servers_before_15_are_too_old(number: int, level: str) -> None:
    found = judged_server(number)
    assert (found.level, found.what.startswith(f"PostgreSQL {number // 10_000}.")) == (level, True)


@pytest.mark.parametrize(
    ("difference", "level", "words"),
    [(0.4, "ok", "0.4 s ahead of"), (-5.1, "warn", "5.1 s behind"), (301, "fail", "301.0 s ahead of")],
)
def test_clocks_that_differ_are_told(difference: float, level: str, words: str) -> None:
    found = judged_clock(difference)
    assert (found.level, words in found.what) == (level, True)


@pytest.mark.parametrize(
    ("mode", "is_encrypted", "is_local", "level"),
    [
        ("verify-full", True, False, "ok"),
        ("require", True, False, "warn"),
        ("prefer", False, False, "warn"),
        ("prefer", False, True, "ok"),
        ("require", True, True, "ok"),
    ],
)
def test_tls_is_asked_for_beyond_this_machine(mode: str, level: str, *, is_encrypted: bool, is_local: bool) -> None:
    assert judged_tls(mode, is_encrypted=is_encrypted, is_local=is_local).level == level
