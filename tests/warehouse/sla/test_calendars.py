"""How far business time reaches: as far as "now" needs, and a ticket outside of it fails a test."""

import json

import psycopg

from tests.warehouse.dbt_forks import MODELS

NIGHTLY = ("build", "--selector", "nightly")
#: From before `business_time_from`.
OLD = {
    "event": "ticket.created",
    "event_id": "old",
    "timestamp": "2019-05-06T09:00:00+08:00",
    "product": "desk",
    "ticket_id": "t1",
    "source": "email",
    "type": "delivery",
    "priority": "normal",
}


def test_business_time_grows_with_now_and_a_ticket_from_before_it_fails_a_test(
    database, fork_dbt, run_loader, tmp_path
):
    (tmp_path / "old.jsonl").write_text(json.dumps(OLD) + "\n")
    reach = "select max(utc_date)::text from intermediate.int_business_time_summed"
    with psycopg.connect(database, autocommit=True) as connection:
        assert fork_dbt(database, *MODELS, as_of="2026-10-31T00:00:00Z").returncode == 0
        # 800 days from now on, and to the end of that year at least.
        assert connection.execute(reach).fetchall() == [("2029-12-31",)]
        assert run_loader("ingest", tmp_path, env={"DATABASE_URL": database}).returncode == 0
        night = fork_dbt(database, *NIGHTLY, as_of="2031-06-01T00:00:00Z")
        assert connection.execute(reach).fetchall() == [("2033-12-31",)]
    assert night.returncode == 1
    assert "FAIL 2 is_true_fct_ticket_sla_" in night.stdout, night.stdout
