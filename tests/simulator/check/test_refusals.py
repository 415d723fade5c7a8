"""``simulator check`` refuses what it cannot compare, and says what to do."""

import pytest

from tests.simulator.check.conftest import FILE_COUNTS, FILES, TENANTS, everything


def test_a_mart_that_nothing_is_compared_with_is_refused(warehouse, world, check):
    folder = world(**everything(warehouse))
    assert check(folder).returncode == 0
    warehouse("create table marts.fct_new (number bigint)")
    result = check(folder)
    assert (result.returncode, result.stdout) == (4, "")
    assert (
        "the mart fct_new is compared with nothing\n  next: add a line for it to simulator/check/marts.py"
        in result.stderr
    )


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        (
            ["tenant_id,timezone,is_configured", "default,UTC,true"],
            "the column currency of marts.dim_tenants is neither told nor untold\n"
            "  next: let dim_tenants.csv tell currency, or say in simulator/check/marts.py why it cannot",
        ),
        (
            ["tenant_id,timezone,currency,is_configured", "default,UTC"],
            "dim_tenants.csv, row 2: 2 fields under 4 columns\n  next: generate the world anew",
        ),
    ],
)
def test_a_truth_table_that_does_not_fit_is_refused(warehouse, world, check, truth, message):
    warehouse(TENANTS)
    result = check(world(dim_tenants=truth), "--mart", "dim_tenants")
    assert (result.returncode, result.stdout) == (4, "")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"tenant_id\xff", "it is not UTF-8"),
        (b"tenant_id,timezone,currency,is_configured\n\xff,UTC,EUR,true\n", "it is not UTF-8"),
        (b"x" * 200_000, "field larger than field limit (131072)"),
    ],
)
def test_a_damaged_truth_table_is_refused(warehouse, world, check, content, reason):
    warehouse(TENANTS)
    path = world(dim_tenants=[]) / "truth" / "dim_tenants.csv"
    path.write_bytes(content)
    result = check(path.parents[1], "--mart", "dim_tenants")
    assert (result.returncode, result.stdout) == (4, "")
    assert f"{path} cannot be read as a truth table: {reason}\n  next: generate the world anew" in result.stderr


def test_a_column_that_is_told_and_untold_is_refused(warehouse, world, check):
    warehouse(FILES)
    truth = [f"path,{FILE_COUNTS},last_read_at", ",,,,,,,,"]
    result = check(world(ingest_reconciliation=truth), "--mart", "ingest_reconciliation")
    assert result.returncode == 4
    assert "the column last_read_at of marts.ingest_reconciliation is both told and untold" in result.stderr


def test_a_line_of_the_registry_that_names_no_column_is_refused(warehouse, world, check):
    warehouse("create table marts.dim_tenants (timezone text)")
    result = check(world(dim_tenants=["timezone"]), "--mart", "dim_tenants")
    assert result.returncode == 4
    assert "marts.dim_tenants has no column tenant_id, which simulator/check/marts.py names" in result.stderr


def test_a_type_that_is_not_compared_yet_is_refused(warehouse, world, check):
    warehouse("create table marts.dim_tenants (tenant_id jsonb)")
    result = check(world(dim_tenants=["tenant_id"]), "--mart", "dim_tenants")
    assert result.returncode == 4
    assert "marts.dim_tenants.tenant_id has the type jsonb, which is not compared yet" in result.stderr


def test_a_database_without_marts_says_what_comes_first(world, check):
    result = check(world(dim_tenants=["tenant_id"]))
    assert (result.returncode, result.stdout) == (4, "")
    assert "has no marts\n  next: load the world's logs with loader ingest DIR/logs, then build" in result.stderr


def test_a_mart_that_is_not_built_is_refused(warehouse, world, check):
    warehouse(TENANTS)
    result = check(world(fct_tickets=[]), "--mart", "fct_tickets")
    assert result.returncode == 4
    assert "lacks the mart fct_tickets\n  next: build it: dbt build" in result.stderr


def test_a_mart_whose_truth_is_not_told_is_refused(warehouse, world, check):
    warehouse(TENANTS)
    result = check(world(fct_tickets=[]), "--mart", "dim_tenants")
    assert result.returncode == 4
    assert "does not tell the truth of dim_tenants: it has no dim_tenants.csv" in result.stderr


def test_a_folder_without_truth_is_refused_and_no_folder_is_wrong_usage(check, tmp_path):
    result = check(tmp_path)
    assert (result.returncode, result.stdout) == (4, "")
    assert (
        "holds no truth: it has no folder truth\n  next: name a folder that simulator generate wrote" in result.stderr
    )
    assert check(tmp_path / "nowhere").returncode == 2
    assert check(tmp_path, "--mart", "dim_nothing").returncode == 2


def test_a_world_whose_logs_have_not_all_come_is_refused(warehouse, world, check):
    warehouse(TENANTS)
    folder = world(dim_tenants=[])
    (folder / "pending").mkdir()
    result = check(folder, "--mart", "dim_tenants")
    assert (result.returncode, result.stdout) == (4, "")
    assert "has logs that have not come yet, and its truth is that of all of them\n  next: repeat" in result.stderr


def test_a_database_that_cannot_be_reached_is_refused(world, check):
    result = check(world(dim_tenants=[]), DATABASE_URL="postgresql://127.0.0.1:1/none")
    assert result.returncode == 4
    assert "the database cannot be reached" in result.stderr
