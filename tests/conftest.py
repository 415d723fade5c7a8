"""A real PostgreSQL for every test that wants one: the embedded server, under a folder of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from loader.connection import address
from loader.schema import set_up
from tests.warehouse.dbt_forks import DbtForks

ROOT = Path(__file__).resolve().parents[1]
# Later than all events that the tests write with a fixed date.
AS_OF = "2026-11-01T00:00:00+08:00"
# How long an example takes says something about the machine, not about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# A job in the background ignores Ctrl-C, and so would every process that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

CLEAN_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
TEMPLATE = "support_warehouse"
LoaderCommand = Callable[..., subprocess.CompletedProcess[str]]
DbtCommand = Callable[..., subprocess.CompletedProcess[str]]
NewDatabase = Callable[..., AbstractContextManager[str]]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole builds come first: a file that takes minutes must not be the last one, with a single process at work."""
    items.sort(key=lambda item: not item.path.is_relative_to(ROOT / "tests" / "warehouse"))


@dataclass(frozen=True)
class RunningServer:
    """The embedded server of the test session.

    url: the owner's address of its first database, which is initialised and stays empty.
    environment: under which the ``loader`` command finds this server.
    """

    url: str
    environment: dict[str, str]

    def parameters(self, database: str, role: str = "admin") -> dict[str, str]:
        """Connection parameters of a session that logs in as ``role`` with its own password."""
        return parsed(_address_as(role, tuple(self.environment.items()))) | {"dbname": database}


def loader_command(
    *arguments: str | Path, env: dict[str, str], cwd: Path = Path("/"), timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the real command in a process of its own, with exactly this environment."""
    return subprocess.run(
        [sys.executable, "-m", "loader", *map(str, arguments)],
        env=env,
        cwd=cwd,
        timeout=timeout,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def parsed(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: str(value) for name, value in psycopg.conninfo.conninfo_to_dict(url).items()}


@cache
def _address_as(role: str, environment: tuple[tuple[str, str], ...]) -> str:
    return loader_command("db", "url", "--role", role, env=dict(environment)).stdout.strip()


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """One embedded server for the whole session, made and stopped by the real commands."""
    # Not pytest's tmp_path: it is closed to the account that the server runs under when the tests run as root.
    base = Path(tempfile.mkdtemp(prefix="support-warehouse-tests-"))
    base.chmod(0o711)
    environment = CLEAN_ENVIRONMENT | {"LOADER_STATE_DIR": str(base / "state")}
    if binaries := os.environ.get("LOADER_PG_BIN"):
        environment["LOADER_PG_BIN"] = binaries
    try:
        up = loader_command("db", "up", env=environment, cwd=base)
        assert up.returncode == 0, up.stderr
        url = loader_command("db", "url", env=environment, cwd=base).stdout.strip()
        with psycopg.connect(url, autocommit=True) as connection:
            # The tests kill loaders, not machines.
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
        yield RunningServer(url, environment)
    finally:
        loader_command("db", "down", env=environment, cwd=base)
        shutil.rmtree(base)


@pytest.fixture(scope="session")
def new_database(server: RunningServer) -> NewDatabase:
    """``with new_database() as url:`` is the owner's address of a fresh initialised database without data.

    template: address of one that is copied instead, and to which nobody is connected.
    """
    numbers = count(1)

    @contextmanager
    def make(template: str | None = None) -> Iterator[str]:
        name = f"test_{next(numbers)}"
        original = parsed(template)["dbname"] if template else TEMPLATE
        parameters = parsed(server.url) | {"dbname": name}
        with psycopg.connect(server.url, autocommit=True, dbname="postgres") as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(original))
            )
            # Rights on the database itself are not copied with a template.
            with psycopg.connect(**parameters, autocommit=True) as fresh:
                set_up(fresh)
            yield address(parameters)
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    return make


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[str]:
    """Address, as the owner, of a fresh initialised database without data."""
    with new_database() as url:
        yield url


@pytest.fixture
def run_loader(database: str, server: RunningServer, tmp_path: Path) -> LoaderCommand:
    """``run_loader(*arguments, env={…}, cwd=…)`` runs the command on ``database``; ``env`` adds to a clean one."""

    def run(
        *arguments: str | Path, env: dict[str, str] | None = None, cwd: Path = tmp_path, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        environment = server.environment | {"DATABASE_URL": database} | (env or {})
        return loader_command(*arguments, env=environment, cwd=cwd, timeout=timeout)

    return run


@pytest.fixture(scope="session")
def run_dbt(tmp_path_factory: pytest.TempPathFactory) -> DbtCommand:
    """``run_dbt(url, *arguments, as_of=…, parameters=…)`` runs the real command on a database.

    as_of=None: now is now. parameters: the folder of the parameter seeds, None for the project's own.
    """
    targets = tmp_path_factory.mktemp("targets")

    def run(
        url: str, *arguments: str, as_of: str | None = AS_OF, parameters: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        # A target folder per instant and parameters: others would make dbt parse everything anew.
        target = targets / quote(str(as_of), safe="") / quote(str(parameters), safe="")
        chosen = {"WAREHOUSE_PARAMETERS": str(parameters)} if parameters else {}
        now = ["--vars", f"{{as_of: '{as_of}'}}"] if as_of else []
        return subprocess.run(
            [
                Path(sys.executable).parent / "dbt",
                *("--quiet", "--no-use-colors"),
                *arguments,
                *("--target-path", target, "--log-path", target),
                *now,
            ],
            cwd=ROOT,
            env=CLEAN_ENVIRONMENT | {"DATABASE_URL": url} | chosen,
            timeout=300,
            check=False,
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture(scope="session")
def forks(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtForks]:
    """One parse of the project, with its own parameters, for all runs of it."""
    made = DbtForks(ROOT, tmp_path_factory.mktemp("forks"), CLEAN_ENVIRONMENT | {"DATABASE_URL": server.url})
    yield made
    made.close()
