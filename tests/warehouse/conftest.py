"""A warehouse built for real: simulated logs, the real loader, the real dbt build."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import AS_OF, CLEAN_ENVIRONMENT, DbtCommand
from tests.warehouse.arrivals import Lines, write_lines
from tests.warehouse.dbt_forks import MODELS, WITHOUT_CASES, DbtForks

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Warehouse:
    """A built warehouse: the owner's address of its database, and the log folder that it was built from."""

    url: str
    logs: Path

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query, as the owner."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query, values or None).fetchall()


@pytest.fixture(scope="session")
def fork_dbt(forks: DbtForks) -> DbtCommand:
    """``fork_dbt(url, *arguments, as_of=…)`` is ``run_dbt`` without the seconds of start-up and parsing."""

    def run(url: str, *arguments: str, as_of: str = AS_OF) -> subprocess.CompletedProcess[str]:
        finished = forks.run(url, *arguments, "--vars", f"{{as_of: '{as_of}'}}")
        return subprocess.CompletedProcess(arguments, finished.code, finished.output, "")

    return run


@pytest.fixture(scope="session")
def built_template(
    new_database: Callable[..., AbstractContextManager[str]],
    fork_dbt: DbtCommand,
) -> Iterator[str]:
    """An empty warehouse, built once: to be copied."""
    with new_database() as url:
        built = fork_dbt(url, *MODELS)
        assert built.returncode == 0, built.stdout
        yield url


@pytest.fixture
def built_database(new_database: Callable[..., AbstractContextManager[str]], built_template: str) -> Iterator[str]:
    """Address, as the owner, of an initialised database without data in which all models are built."""
    with new_database(built_template) as url:
        yield url


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lines, Path]:
    """Lines of all kinds, and the folder of the parameters that go with them."""
    return write_lines(tmp_path_factory.mktemp("told"))


@pytest.fixture(scope="session")
def forks_with(
    told: tuple[Lines, Path], server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., DbtForks]]:
    """``forks_with(project, number)``: one parse of a project folder, with the parameters of the told lines.

    number: of the helper, where there are several of a project at once.
    """
    with ExitStack() as stack:

        @cache
        def make(project: Path, _number: int = 0) -> DbtForks:
            env = CLEAN_ENVIRONMENT | {"DATABASE_URL": server.url, "WAREHOUSE_PARAMETERS": str(told[1])}
            made = DbtForks(project, tmp_path_factory.mktemp("forks"), env)
            stack.callback(made.close)
            return made

        yield make


FAULTS = ("--fault", "duplicates", "--fault", "garbage", "--fault", "aliases", "--fault", "unknown")


@pytest.fixture(scope="session")
def warehouse(
    new_database: Callable[..., AbstractContextManager[str]],
    server: Any,
    built_template: str,
    fork_dbt: DbtCommand,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Warehouse]:
    """Three simulated days, ingested and built; read-only for the tests that share it."""
    world = tmp_path_factory.mktemp("simulated") / "world"
    logs = world / "logs"
    with new_database(built_template) as url:
        _run(
            "simulator", "generate", "--days", "3", "--sessions-per-day", "60", "--seed", "11", *FAULTS, "--out", world
        )
        ingested = _run("loader", "ingest", logs, env=server.environment | {"DATABASE_URL": url}, codes=(3,))
        assert "rejected" in ingested.stderr
        built = fork_dbt(url, *WITHOUT_CASES)
        assert built.returncode == 0, built.stdout + built.stderr
        yield Warehouse(url, logs)


def _run(
    module: str, *arguments: str | Path, env: dict[str, str] | None = None, codes: tuple[int, ...] = (0,)
) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=env or {"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        timeout=120,
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode in codes, result.stderr
    return result
