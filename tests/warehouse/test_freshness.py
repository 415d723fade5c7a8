"""``dbt source freshness`` warns when nothing has been loaded for a day, and fails after three."""

import subprocess
from datetime import timedelta

import psycopg

from tests.conftest import DbtCommand, LoaderCommand
from tests.loader.conftest import event_line


def test_loads_that_stop_are_warned_of_and_then_fail(
    tmp_path, database, run_loader: LoaderCommand, fork_dbt: DbtCommand
):
    (tmp_path / "a.jsonl").write_bytes(event_line(1))
    assert run_loader("ingest", tmp_path).returncode == 0

    def freshness(age: timedelta) -> subprocess.CompletedProcess[str]:
        with psycopg.connect(database) as connection:
            connection.execute("update raw.loads set loaded_at = clock_timestamp() - %s", [age])
        return fork_dbt(database, "source", "freshness")

    found = [freshness(timedelta(hours=hours)) for hours in (23, 25, 73)]
    assert [result.returncode for result in found] == [0, 0, 1]
    assert ["WARN" in result.stdout for result in found] == [False, True, False]
