"""The clocks of random tickets in all zones are what an oracle in Python says: 0 differences."""

import json
import zoneinfo
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from shutil import copy
from subprocess import run
from sys import executable

import psycopg
import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.warehouse.sla.cases import Cases, Span, transitions, zones

LONG = Span(datetime(2015, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC))
SHORT = Span(datetime(2016, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC))
#: Half an hour, Ramadan, half an hour for good at midnight, two hours, one a quarter off, and none.
FEW = (
    "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Pyongyang", "Antarctica/Troll", "Pacific/Chatham", "Asia/Shanghai"
)  # fmt: skip
MARTS = ("--mart", "fct_ticket_sla", "--mart", "fct_ticket_sla_segments")


#: The server's short file of it ends with a change a week before its rule would make one. PostgreSQL and full files let
#: that change stand; Python goes by the rule from there on, and must be given a full file.
MISREAD = "America/Ojinaga"


@pytest.fixture
def same_zones(database, tmp_path):
    """Lets zoneinfo read the tz database that the server reads, where it has one of its own."""
    with psycopg.connect(database) as connection:
        [(share,)] = connection.execute("select setting from pg_config where name = 'SHAREDIR'").fetchall()
    own, before = Path(share) / "timezone", zoneinfo.TZPATH
    if own.is_dir():
        overlay = tmp_path / "zones" / MISREAD
        overlay.parent.mkdir(parents=True)
        for full in (Path(folder) / MISREAD for folder in before):
            if full.is_file():
                copy(full, overlay)
                break
        zoneinfo.reset_tzpath([str(tmp_path / "zones"), str(own)])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(before)
    zoneinfo.ZoneInfo.clear_cache()


def check(database: str, folder: Path, cases: Cases, span: Span) -> None:
    """Load and build the cases, and compare the clocks with the oracle's."""
    cases.write(folder, span.end)
    _run(database, {}, "loader", "ingest", folder / "logs")
    variables = json.dumps({"as_of": span.end.isoformat(), "business_time_from": f"{span.begin.year - 1}-01-01"})
    _run(
        database, {"WAREHOUSE_PARAMETERS": str(folder / "parameters")},
        "dbt.cli.main", "--quiet", "build", "--exclude-resource-type", "unit_test", "--vars", variables,
        "--select", "resource_type:seed", "+fct_ticket_sla_segments", "+fct_tickets",
        "--indirect-selection", "buildable",
        "--target-path", folder / "target", "--log-path", folder / "target",
    )  # fmt: skip
    _run(database, {}, "simulator", "check", folder, *MARTS)


def _run(database: str, environment: dict[str, str], module: str, *arguments: str | Path) -> None:
    result = run(
        [executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=CLEAN_ENVIRONMENT | {"DATABASE_URL": database} | environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_clocks_of_300_random_tickets_are_those_of_the_oracle(same_zones, database, tmp_path):
    nights = {zone: tuple(at for at, _ in transitions(zone, SHORT)) for zone in FEW}
    check(database, tmp_path / "world", Cases(Random(7), nights, 300, SHORT), SHORT)


@pytest.mark.long
def test_clocks_of_10_000_random_tickets_in_all_zones_are_those_of_the_oracle(same_zones, database, tmp_path):
    nights = zones(LONG)
    # All transitions of the tz database between 2015 and 2035.
    assert sum(len(at) > 0 for at in nights.values()) > 70
    check(database, tmp_path / "world", Cases(Random(20), nights, 10_000, LONG), LONG)
