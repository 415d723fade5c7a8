"""The golden days, loaded and built."""

import subprocess
import sys

import psycopg
import pytest

from tests.warehouse.dbt_forks import WITHOUT_CASES
from tests.warehouse.golden.story import log_lines


@pytest.fixture(scope="session")
def golden(new_database, built_template, fork_dbt, server, tmp_path_factory):
    log = tmp_path_factory.mktemp("golden") / "golden.jsonl"
    log.write_text("".join(line + "\n" for line in log_lines()))
    with new_database(built_template) as url:
        ingested = subprocess.run(
            [sys.executable, "-m", "loader", "ingest", log],
            env=server.environment | {"DATABASE_URL": url},
            check=False,
            capture_output=True,
            text=True,
        )
        assert ingested.returncode == 0, ingested.stderr
        built = fork_dbt(url, *WITHOUT_CASES)
        assert built.returncode == 0, built.stdout
        with psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
            yield lambda query: connection.execute(query).fetchall()
