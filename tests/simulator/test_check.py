"""``simulator check``: tiny marts in a real database against tiny truth tables, one for each kind of difference."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import yaml

from simulator.check.marts import MARTS

ROOT = Path(__file__).resolve().parents[2]
TENANTS = "create table marts.dim_tenants (tenant_id text, timezone text, currency text, is_configured boolean)"
SHIFTS = """create table marts.fct_agent_shifts (
    login_event_id text, logout_event_id text, tenant_id text, agent_id text, shift_date date, started_at timestamptz,
    ended_at timestamptz, end_source text, duration_seconds numeric(18, 6), reported_work_minutes double precision,
    reported_sessions_handled_count bigint)"""
SHIFT_COLUMNS = (
    "login_event_id,logout_event_id,tenant_id,agent_id,shift_date,started_at,ended_at,end_source,duration_seconds,"
    "reported_work_minutes,reported_sessions_handled_count"
)
SHIFT = (
    "e1,e2,default,a-01,2026-10-05,2026-10-05T01:00:00.000001Z,2026-10-05T10:00:00.000000Z,logout,32399.999999,540.1,12"
)
FILES = """create table marts.ingest_reconciliation (source_file_id bigint, path text, last_read_at timestamptz,
    inherited_lines_count bigint, read_lines_count bigint, loaded_lines_count bigint, incomplete_lines_count bigint,
    duplicate_lines_count bigint, pending_lines_count bigint, rejected_lines_count bigint)"""
FILE_COUNTS = (
    "inherited_lines_count,read_lines_count,loaded_lines_count,incomplete_lines_count,duplicate_lines_count,"
    "pending_lines_count,rejected_lines_count"
)


@pytest.fixture
def warehouse(database):
    """``warehouse(*statements)`` runs statements as the owner."""

    def run(*statements: str) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.execute("grant select on all tables in schema marts to reader")

    return run


@pytest.fixture
def world(tmp_path):
    """``world(mart=lines, …)`` is a folder with those truth tables; each line ends by itself."""

    def make(**tables: list[str]) -> Path:
        for name, lines in tables.items():
            path = tmp_path / "world" / "truth" / f"{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (tmp_path / "world" / "simulation.json").write_text(json.dumps({"as_of": "2026-11-01T00:00:00+08:00"}))
        return tmp_path / "world"

    return make


@pytest.fixture
def check(database):
    """``check(*arguments)`` runs the command on the database."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "simulator", "check", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "DATABASE_URL": database} | environment,
        )

    return run


def differences(result: subprocess.CompletedProcess[str]) -> list[str]:
    """The report without the head and the sums, blanks trimmed."""
    return [line.strip() for line in result.stdout.splitlines() if line.startswith("    ")]


def marts_of_dbt() -> dict[str, str]:
    """Names and column definitions of all marts that have properties."""
    properties = [yaml.safe_load(path.read_text()) for path in (ROOT / "models" / "marts").rglob("*__models.yml")]
    return {
        model["name"]: ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
        for content in properties
        for model in content["models"]
    }


def everything(warehouse) -> dict[str, list[str]]:
    """All marts without rows in the database, and their truth without rows."""
    warehouse(*(f"create table marts.{name} ({columns})" for name, columns in marts_of_dbt().items()))
    return {mart.name: [] for mart in MARTS}


def test_every_mart_that_dbt_knows_is_compared():
    models = sorted(path.stem for path in (ROOT / "models" / "marts").rglob("*.sql"))
    assert [mart.name for mart in MARTS] == models
    assert sorted(marts_of_dbt()) == models


def test_equal_values_in_other_spellings_are_no_difference(warehouse, world, check):
    warehouse(
        SHIFTS,
        "insert into marts.fct_agent_shifts values ('e3', null, 'default', 'a-02', '2026-10-05',"
        " '2026-10-05 09:00:00+08', null, null, null, null, null)",
        "insert into marts.fct_agent_shifts values ('e1', 'e2', 'default', 'a-01', '2026-10-05',"
        " '2026-10-05 01:00:00.000001+00', '2026-10-05 10:00:00+00', 'logout', 32399.999999, 540.1, 12)",
    )
    short = "e3,,default,a-02,2026-10-05,2026-10-05T03:00:00+02:00,,,,,"
    # Columns that no mart has are for people.
    folder = world(fct_agent_shifts=[f"{SHIFT_COLUMNS},worked_until_at", f"{SHIFT},", f"{short},soon"])
    result = check(folder, "--mart", "fct_agent_shifts")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "mart                                    rows   differences",
        "fct_agent_shifts                           2             0",
        "total                                      2             0",
    ]


@pytest.mark.parametrize(
    ("column", "stored", "difference"),
    [
        ("agent_id", "'a-02'", "truth a-01, mart a-02"),
        ("logout_event_id", "null", "truth e2, mart null"),
        ("end_source", "''", "truth logout, mart "),
        ("shift_date", "date '2026-10-06'", "truth 2026-10-05, mart 2026-10-06"),
        (
            "started_at",
            "timestamptz '2026-10-05 01:00:00.000002+00'",
            "truth 2026-10-05T01:00:00.000001Z, mart 2026-10-05T01:00:00.000002Z",
        ),
        ("duration_seconds", "32400", "truth 32399.999999, mart 32400.000000"),
        ("reported_work_minutes", "540.100000000001", "truth 540.1, mart 540.100000000001"),
        ("reported_sessions_handled_count", "13", "truth 12, mart 13"),
    ],
)
def test_a_column_that_differs_is_shown_with_both_values(warehouse, world, check, column, stored, difference):
    values = (
        "('e1', 'e2', 'default', 'a-01', date '2026-10-05', timestamptz '2026-10-05 01:00:00.000001+00',"
        " timestamptz '2026-10-05 10:00:00+00', 'logout', 32399.999999, 540.1, 12)"
    )
    warehouse(
        SHIFTS,
        f"insert into marts.fct_agent_shifts values {values}",
        f"update marts.fct_agent_shifts set {column} = {stored}",
    )
    result = check(world(fct_agent_shifts=[SHIFT_COLUMNS, SHIFT]), "--mart", "fct_agent_shifts")
    assert result.returncode == 3
    assert differences(result) == [f"{column} differs: 1", f"login_event_id=e1: {difference}".strip()]


def test_a_double_is_compared_to_its_fifteenth_digit(warehouse, world, check):
    # 540.1 reached by another order of additions.
    warehouse(SHIFTS, "insert into marts.fct_agent_shifts (login_event_id, reported_work_minutes) values ('e1', 0)")
    warehouse("update marts.fct_agent_shifts set reported_work_minutes = 540.1000000000001")
    truth = [SHIFT_COLUMNS, "e1,,,,,,,,,540.1,"]
    assert check(world(fct_agent_shifts=truth), "--mart", "fct_agent_shifts").returncode == 0


def test_null_in_the_truth_is_no_value_of_the_mart(warehouse, world, check):
    warehouse(TENANTS, "insert into marts.dim_tenants values ('default', 'Asia/Shanghai', '', false)")
    truth = ["tenant_id,timezone,currency,is_configured", "default,Asia/Shanghai,,"]
    result = check(world(dim_tenants=truth), "--mart", "dim_tenants")
    assert differences(result) == [
        "currency differs: 1",
        "tenant_id=default: truth null, mart",
        "is_configured differs: 1",
        "tenant_id=default: truth null, mart false",
    ]


def test_missing_extra_and_repeated_rows_are_counted_by_kind(warehouse, world, check):
    warehouse(
        TENANTS,
        "insert into marts.dim_tenants select 'extra-' || n, 'UTC', 'EUR', true from generate_series(1, 3) as n",
        "insert into marts.dim_tenants select 'twice', 'UTC', 'EUR', true from generate_series(1, 2)",
    )
    row = "UTC,EUR,true"
    truth = ["tenant_id,timezone,currency,is_configured", f"twice,{row}", f"lost,{row}", f"told,{row}", f"told,{row}"]
    result = check(world(dim_tenants=truth), "--mart", "dim_tenants", "--limit", "2")
    assert result.returncode == 3
    assert result.stdout.splitlines() == [
        "mart                                    rows   differences",
        "dim_tenants                                5             7",
        "    duplicate key in the mart: 1",
        "        tenant_id=twice",
        "    duplicate key in the truth: 1",
        "        tenant_id=told",
        "    extra row: 3",
        "        tenant_id=extra-1",
        "        tenant_id=extra-2",
        "    missing row: 2",
        "        tenant_id=lost",
        "        tenant_id=told",
        "total                                      5             7",
    ]
    assert result.stderr.startswith(
        "simulator: the marts differ from the truth\n  next: before you suspect a model, rule"
    )
    assert "so load them into an empty database" in result.stderr
    assert "dbt build --vars \"{as_of: '2026-11-01T00:00:00+08:00'}\"" in result.stderr


def test_a_hash_stands_for_one_customer_in_all_marts(warehouse, world, check):
    columns = marts_of_dbt()["fct_tickets"]
    warehouse(
        f"create table marts.fct_tickets ({columns})",
        "insert into marts.fct_tickets (tenant_id, ticket_id, customer_hash) values"
        " ('default', 't1', 'h1'), ('other', 't1', 'h1'), ('default', 't2', 'h2'), ('default', 't3', null),"
        " ('default', 't4', 'h3'), ('default', 't5', 'h1'), ('default', 't6', null), ('default', 't7', 'h4')",
    )
    # Of "name type, …, name numeric(18, 6)".
    names = [part.split(" ")[0].replace("_hash", "_id") for part in columns.replace(", 6", "").split(", ")]
    customers = [
        ("default", "t1", "c1"),
        ("other", "t1", "c1"),
        ("default", "t2", "c2"),
        ("default", "t3", ""),
        ("default", "t4", "c2"),  # a second hash of c2
        ("default", "t5", "c3"),  # the hash of c1 for another
        ("default", "t6", "c1"),
        ("default", "t7", ""),
    ]
    rows = [dict(zip(("tenant_id", "ticket_id", "customer_id"), customer, strict=True)) for customer in customers]
    truth = [",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]
    result = check(world(fct_tickets=truth), "--mart", "fct_tickets")
    assert result.returncode == 3
    assert differences(result) == [
        "customer_hash differs: 4",
        "tenant_id=default ticket_id=t4: truth c2, mart h3",
        "tenant_id=default ticket_id=t5: truth c3, mart h1",
        "tenant_id=default ticket_id=t6: truth c1, mart null",
        "tenant_id=default ticket_id=t7: truth null, mart h4",
    ]


def test_log_files_are_compared_by_name_and_without_the_loaders_own_numbers(warehouse, world, check):
    warehouse(
        FILES,
        "insert into marts.ingest_reconciliation values"
        " (7, '/srv/logs/a.jsonl', '2026-11-01 00:00+00', 0, 5, 4, 0, 1, 0, 0)",
    )
    truth = [f"path,{FILE_COUNTS}", "logs/a.jsonl,0,5,4,0,1,0,0"]
    assert check(world(ingest_reconciliation=truth), "--mart", "ingest_reconciliation").returncode == 0


def test_a_table_of_the_truth_without_rows_has_no_columns_either(warehouse, world, check):
    warehouse(TENANTS)
    assert check(world(dim_tenants=[]), "--mart", "dim_tenants").returncode == 0
    warehouse("insert into marts.dim_tenants values ('default', 'UTC', 'EUR', true)")
    result = check(world(dim_tenants=[]), "--mart", "dim_tenants")
    assert (result.returncode, differences(result)) == (3, ["extra row: 1", "tenant_id=default"])


def test_what_the_faults_hide_is_told_and_is_no_difference(warehouse, world, check):
    columns = "tenant_id,month,metric,currency,is_month_over,figure,month_before_figure,change_on_month_before"
    columns += ",year_before_figure,change_on_year_before"
    tables = everything(warehouse)
    tables["business_case_figures_monthly"] = [
        columns,
        "default,2026-10-01,sessions,CNY,true,10,,,,",
        "default,2026-10-01,avg_handle_time,CNY,true,,,,,",
        "default,2026-10-01,tickets_closed,CNY,true,4,,,,",
    ]
    warehouse(
        "insert into marts.business_case_figures_monthly (tenant_id, month, metric, currency, is_month_over, figure)"
        " values ('default', '2026-10-01', 'sessions', 'CNY', true, 10),"
        " ('default', '2026-10-01', 'avg_handle_time', 'CNY', true, null),"
        " ('default', '2026-10-01', 'tickets_closed', 'CNY', true, 4)"
    )
    folder = world(**tables)
    happened = folder / "truth" / "happened" / "business_case_figures_monthly.csv"
    happened.parent.mkdir()
    happened.write_text(
        f"{columns}\ndefault,2026-10-01,sessions,CNY,true,11,,,,\ndefault,2026-10-01,avg_handle_time,CNY,true,1.5,,,,\n"
        "default,2026-10-01,tickets_closed,CNY,true,4,,,,\ndefault,2026-11-01,sessions,CNY,false,5,,,,\n"
        "default,2026-11-01,tickets_closed,CNY,false,1,,,,\n"
    )
    result = check(folder, "--limit", "1")
    assert result.returncode == 0
    assert result.stdout.splitlines()[-8:] == [
        "",
        "What the faults hide (information; the marts cannot know it):",
        "    avg_handle_time: 1 of 1 figures",
        "        2026-10 default: happened 1.5, recorded null",
        "    sessions: 2 of 2 figures",
        "        2026-10 default: happened 11, recorded 10",
        "    tickets_closed: 1 of 2 figures",
        "        2026-11 default: happened 1, recorded null",
    ]
    assert "What the faults hide" not in check(folder, "--mart", "dim_tenants").stdout


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
