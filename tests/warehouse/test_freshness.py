"""``dbt source freshness`` warns when nothing has been loaded for a day, and fails after three."""

import json
from datetime import timedelta

import psycopg

from tests.conftest import DbtCommand, LoaderCommand
from tests.loader.conftest import event_line


def test_loads_that_stop_are_warned_of_and_then_fail(
    tmp_path, database, run_loader: LoaderCommand, run_dbt: DbtCommand
):
    (tmp_path / "a.jsonl").write_bytes(event_line(1))
    assert run_loader("ingest", tmp_path).returncode == 0

    def freshness(age: timedelta) -> tuple[int, str]:
        with psycopg.connect(database) as connection:
            connection.execute("update raw.loads set loaded_at = clock_timestamp() - %s", [age])
        found = run_dbt(database, "source", "freshness", "--output", tmp_path / "sources.json", as_of=None)
        [loads] = json.loads((tmp_path / "sources.json").read_text())["results"]
        return found.returncode, loads["status"]

    assert [freshness(timedelta(hours=hours)) for hours in (23, 25, 73)] == [(0, "pass"), (0, "warn"), (1, "error")]
