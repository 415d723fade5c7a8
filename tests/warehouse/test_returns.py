"""Days of returns: counted anew where a session counts otherwise because its customer came back, and nowhere else."""

import psycopg
import pytest

from tests.warehouse.dbt_forks import MODELS
from tests.warehouse.retained import event

#: A session of a customer in each of three months; that of September comes last, two days after that of August.
AUGUST, SEPTEMBER, OCTOBER = "2026-08-31", "2026-09-02", "2026-10-01"
DAY_OF_AUGUST = (
    "from intermediate.int_session_returns_counted_daily where dimension = 'all' and session_date = '2026-08-31'"
)


def resolved(day: str) -> bytes:
    """The lines of a session that the AI resolved at nine in the morning; it is named after its day."""
    about = {"session_id": day, "customer_id": "c"}
    return b"".join(
        line + b"\n"
        for line in (
            event("session.start", 1, f"{day}T09:00:00Z", channel="web", **about),
            event("session.message", 2, f"{day}T09:01:00Z", role="user", message_length=5, **about),
            event("session.message", 3, f"{day}T09:02:00Z", role="ai", message_length=5, **about),
            event(
                "session.end", 4, f"{day}T09:03:00Z", duration_seconds=180, message_count=2, **about, resolved_by="ai"
            ),
        )
    )


@pytest.fixture
def asked(built_database, fork_dbt, run_loader, tmp_path):
    """What is found after builds with the session of August, with that of October too, and with all three."""
    found = []
    with psycopg.connect(built_database, autocommit=True) as connection:
        for day, as_of in ((AUGUST, OCTOBER), (OCTOBER, "2026-10-02"), (SEPTEMBER, "2026-10-03")):
            (tmp_path / f"{day}.jsonl").write_bytes(resolved(day))
            assert run_loader("ingest", tmp_path, env={"DATABASE_URL": built_database}).returncode == 0
            built = fork_dbt(built_database, *MODELS, as_of=f"{as_of}T00:00:00Z")
            assert built.returncode == 0, built.stdout
            returns = "select next_session_id, build_id from marts.fct_session_returns where session_id = %s"
            found.append(
                {
                    "return": connection.execute(returns, [AUGUST]).fetchone(),
                    # xmin: the transaction that wrote the row.
                    "row": connection.execute(f"select xmin::text {DAY_OF_AUGUST}").fetchone(),
                    "counts": connection.execute(
                        f"select mature_168h_count, durable_168h_count {DAY_OF_AUGUST}"
                    ).fetchone(),
                    "changed": connection.execute(
                        "select figure from marts.mart_changes where calendar_date = %s and old_value is not null"
                        " and changed_by_build_id = (select max(build_id) from staging.builds)",
                        [AUGUST],
                    ).fetchall(),
                }
            )
    return found


def test_a_customer_who_comes_back_after_a_month_has_no_day_counted_anew(asked):
    before, after, _ = asked
    assert (before["return"][0], after["return"][0]) == (None, OCTOBER)
    assert after["return"][1] == before["return"][1]
    assert after["row"] == before["row"]
    assert after["changed"] == []


def test_a_late_return_within_a_week_has_the_day_counted_anew_and_told_as_changed(asked):
    _, before, after = asked
    assert after["return"][0] == SEPTEMBER
    assert after["return"][1] > before["return"][1]
    assert (before["counts"], after["counts"]) == ((1, 1), (1, 0))
    assert ("durable_168h_count",) in after["changed"]
