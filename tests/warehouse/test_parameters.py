"""A company's own parameters: another folder of seeds, under the same types and tests."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
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


def test_parameters_from_another_folder_are_built_under_the_same_types_and_tests(database, run_dbt, parameters):
    built = run_dbt(database, *BUILD, parameters=parameters)
    assert built.returncode == 0, built.stdout
    with psycopg.connect(database) as connection:
        assert connection.execute(
            "select tenant_id, timezone, currency, is_configured from marts.dim_tenants order by tenant_id"
        ).fetchall() == [("default", "Asia/Shanghai", "CNY", True), ("musterhaus", "Europe/Berlin", "EUR", True)]
        # By themselves, 7, 8 and 10 would be integers.
        assert connection.execute(
            "select distinct data_type from information_schema.columns where column_name = 'cost_per_contact'"
            " and table_schema = 'seeds'"
        ).fetchall() == [("numeric",)]
    costs = parameters / "human_costs.csv"
    costs.write_text(costs.read_text().replace("2026-10-01,7", "2026-10-02,7"))
    overlapping = run_dbt(database, "build", "--select", "human_costs", parameters=parameters)
    assert overlapping.returncode == 1
    assert "FAIL 1 periods_do_not_overlap_human_costs" in overlapping.stdout


def test_dbt_leaves_the_files_of_the_folder_as_they_are(database, run_dbt, parameters):
    before = contents(parameters)
    for command in ("seed", "compile"):
        run = run_dbt(database, command, "--select", "resource_type:seed", parameters=parameters)
        assert run.returncode == 0, run.stdout
        assert contents(parameters) == before


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_relative_path_is_one_from_the_root_of_the_project(database, run_dbt, parameters):
    relative = Path(os.path.relpath(parameters, ROOT))
    seeded = run_dbt(database, "seed", "--select", "tenants", parameters=relative)
    assert seeded.returncode == 0, seeded.stdout
    with psycopg.connect(database) as connection:
        assert connection.execute("select count(*) from seeds.tenants").fetchall() == [(2,)]


def test_a_folder_that_lacks_a_seed_is_refused_by_the_name_of_the_seed(database, run_dbt, parameters):
    (parameters / "platform_fees.csv").unlink()
    refused = run_dbt(database, "seed", parameters=parameters)
    assert refused.returncode == 2
    assert "depends on a node named 'platform_fees' which was not found" in refused.stdout


def test_a_missing_folder_is_refused(database, run_dbt, tmp_path):
    refused = run_dbt(database, "seed", parameters=tmp_path / "nowhere")
    assert refused.returncode == 2
    assert "which was not found" in refused.stdout
