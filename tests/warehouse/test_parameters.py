"""A company's own parameters: another folder of seeds, under the same types and tests."""

import os
import shutil
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.conftest import CLEAN_ENVIRONMENT, ROOT
from tests.warehouse.dbt_forks import DbtForks

BUILD = ("build", "--select", "resource_type:seed", "+dim_tenants", "--indirect-selection", "buildable")


@pytest.fixture
def parameters(tmp_path):
    """A folder outside of the repository: the project's parameters with a second tenant."""
    folder = tmp_path / "parameters"
    shutil.copytree(ROOT / "seeds" / "parameters", folder)
    (folder / "tenants.csv").write_text(
        "tenant_id,timezone,currency\ndefault,Asia/Shanghai,CNY\nmusterhaus,Europe/Berlin,EUR\n"
    )
    (folder / "human_costs.csv").write_text(
        "tenant_id,currency,valid_from,valid_to,cost_per_contact,cost_per_hour\n"
        "default,CNY,2000-01-01,,10,\nmusterhaus,EUR,2000-01-01,2026-10-01,7,\nmusterhaus,EUR,2026-10-01,,8,\n"
    )
    return folder


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_parameters_from_another_folder_are_built_under_the_same_types_and_tests(
    new_database, server, parameters, tmp_path
):
    before = contents(parameters)
    # A relative path is one from the root of the project.
    chosen = {"WAREHOUSE_PARAMETERS": os.path.relpath(parameters, ROOT)}
    with (
        closing(DbtForks(ROOT, tmp_path, CLEAN_ENVIRONMENT | chosen | {"DATABASE_URL": server.url})) as dbt,
        new_database() as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        built = dbt.run(url, *BUILD)
        assert built.code == 0, built.output
        assert connection.execute(
            "select tenant_id, timezone, currency, is_configured from marts.dim_tenants order by tenant_id"
        ).fetchall() == [("default", "Asia/Shanghai", "CNY", True), ("musterhaus", "Europe/Berlin", "EUR", True)]
        # By themselves, 7, 8 and 10 would be integers.
        assert connection.execute(
            "select distinct data_type from information_schema.columns where column_name = 'cost_per_contact'"
            " and table_schema = 'seeds'"
        ).fetchall() == [("numeric",)]
        assert dbt.run(url, "compile", "--select", "resource_type:seed").code == 0
        assert contents(parameters) == before
        costs = parameters / "human_costs.csv"
        costs.write_text(costs.read_text().replace("2026-10-01,7", "2026-10-02,7"))
        overlapping = dbt.run(url, "build", "--select", "human_costs")
        assert overlapping.code == 1
        assert "FAIL 1 periods_do_not_overlap_human_costs" in overlapping.output


def test_a_folder_that_lacks_a_seed_is_refused_by_the_name_of_the_seed(database, run_dbt, parameters):
    (parameters / "platform_fees.csv").unlink()
    refused = run_dbt(database, "seed", parameters=parameters)
    assert refused.returncode == 2
    assert "depends on a node named 'platform_fees' which was not found" in refused.stdout


def test_a_missing_folder_is_refused(database, run_dbt, tmp_path):
    refused = run_dbt(database, "seed", parameters=tmp_path / "nowhere")
    assert refused.returncode == 2
    assert "which was not found" in refused.stdout
