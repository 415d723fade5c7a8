"""``simulator check``: tiny marts in a real database against tiny truth tables, one for each kind of difference."""

import pytest

from simulator.check.marts import MARTS
from tests.simulator.check.conftest import (
    FILE_COUNTS,
    FILES,
    ROOT,
    SHIFT,
    SHIFT_COLUMNS,
    SHIFTS,
    TENANTS,
    differences,
    everything,
    marts_of_dbt,
)


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
