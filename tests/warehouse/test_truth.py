"""The marts of a world where everything goes wrong that can, against what that world knows of itself."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from simulator.check.marts import MARTS
from tests.warehouse.dbt_forks import MODELS

ROOT = Path(__file__).resolve().parents[2]
DELIVERIES = 5
# Five weeks around a month, the changes of clocks and prices; the logs come in five deliveries.
WORLD = (
    *("--start", "2026-09-28", "--days", "36", "--sessions-per-day", "12", "--tenants", "4", "--seed", "3"),
    *("--fault", "all", "--deliveries", str(DELIVERIES)),
)


@dataclass(frozen=True)
class Oracle:
    """A warehouse, the owner's address of its database, and the world that its logs come from."""

    url: str
    world: Path

    def check(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``simulator check`` on them."""
        return _run("simulator", "check", self.world, *arguments, env={"DATABASE_URL": self.url})


@pytest.fixture(scope="module")
def oracle(
    new_database, run_dbt: Callable[..., subprocess.CompletedProcess[str]], tmp_path_factory
) -> Iterator[Oracle]:
    """A world with all faults, loaded after each delivery, and built as of its end; tests leave it as it is."""
    world = tmp_path_factory.mktemp("oracle") / "world"
    with new_database() as url:
        env = {"DATABASE_URL": url}
        _expect(_run("simulator", "generate", *WORLD, "--out", world), 0)
        for _ in range(DELIVERIES):
            _expect(_run("simulator", "deliver", world), 0)
            ingested = _run("loader", "ingest", world / "logs", env=env)
            if ingested.returncode == 4:
                # A log that was truncated in place is refused until somebody says that it begins anew.
                assert "--as-new" in ingested.stderr
                ingested = _run("loader", "ingest", "--as-new", world / "logs", env=env)
            _expect(ingested, 0, 3)
        as_of = json.loads((world / "simulation.json").read_text())["as_of"]
        _expect(run_dbt(url, *MODELS, as_of=as_of, parameters=world / "parameters"), 0)
        yield Oracle(url, world)


def test_no_mart_differs_from_the_truth_whatever_goes_wrong(oracle):
    result = oracle.check("--limit", "3")
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    counts = dict(re.findall(r"^(\w+) +([\d,]+) +0$", result.stdout, re.MULTILINE))
    # A mart without rows would agree with everything.
    assert [mart.name for mart in MARTS if not mart.untold_because and counts[mart.name] == "0"] == []


def test_what_was_lost_on_the_way_is_told(oracle):
    _, hidden = oracle.check().stdout.split("What the faults hide (information; the marts cannot know it):\n")
    assert re.search(
        r"^    avg_ai_response: \d+ of \d+ figures\n(?:        .*\n)*"
        r"        2026-10 default: happened [\d.]+, recorded [\d.]+$",
        hidden,
        re.MULTILINE,
    )


@pytest.mark.parametrize(
    ("doctor", "difference"),
    [
        ("update marts.fct_sessions set outcome = 'blocked' where outcome = 'confirmed_resolved'", "outcome differs: "),
        ("delete from marts.fct_tickets where tenant_id = 'harbor'", "missing row: "),
        (
            "insert into marts.fct_tickets select doctored.* from marts.fct_tickets as genuine, lateral"
            """ jsonb_populate_record(genuine, '{"ticket_id": "invented"}') as doctored limit 1""",
            "extra row: 1",
        ),
        (
            "update marts.ai_resolution_monthly set resolution_rate_standard = resolution_rate_standard + 0.000001"
            " where tenant_id = 'default'",
            "resolution_rate_standard differs: ",
        ),
        (
            "update marts.fct_agent_shifts set ended_at = ended_at + interval '1 microsecond'",
            "ended_at differs: ",
        ),
    ],
)
def test_a_doctored_mart_is_found(oracle, doctor, difference):
    mart = doctor.split("marts.")[1].split()[0]
    with psycopg.connect(oracle.url, autocommit=True) as connection:
        connection.execute(f"create temporary table genuine as select * from marts.{mart}")
        try:
            assert connection.execute(doctor).rowcount > 0
            result = oracle.check("--mart", mart)
        finally:
            connection.execute(f"delete from marts.{mart}")
            connection.execute(f"insert into marts.{mart} select * from genuine")
    assert result.returncode == 3
    assert f"\n    {difference}" in result.stdout


def _run(module: str, *arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"} | (env or {}),
        timeout=120,
        check=False,
        capture_output=True,
        text=True,
    )


def _expect(result: subprocess.CompletedProcess[str], *codes: int) -> None:
    assert result.returncode in codes, result.stdout + result.stderr
