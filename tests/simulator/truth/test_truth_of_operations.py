"""What the AI did, how it was judged and what was claimed, told of scenes that can be counted by hand."""

from datetime import date

import pytest

from simulator.truth.audits import AuditBook
from simulator.truth.claims import Claims
from simulator.truth.facts import FactBook
from simulator.truth.operations import OperationBook
from simulator.truth.sessions import SessionBook
from simulator.truth.view import View
from simulator.world.customer import Customer
from simulator.world.tenants import TENANTS

LORD_HOWE = TENANTS[3]


@pytest.fixture
def telling(tmp_path, new_scene, read):
    """``telling(play, *tables, tenant=…, hours=…)``: the rows of tables after a scene was played."""

    def tell(play, *tables, tenant=TENANTS[0], hours=24.0):
        scene = new_scene(tenant)
        view = View(scene.begins_at + hours * 3600, is_recorded=True)
        claims = Claims(tmp_path)
        sessions = SessionBook(tmp_path, scene.settings, view, claims)
        books = [
            sessions,
            FactBook(tmp_path, scene.settings, view),
            OperationBook(tmp_path, view, sessions),
            AuditBook(tmp_path, view, sessions),
        ]
        play(scene, books)
        for book in (*books, claims):
            book.close()
        return [read(tmp_path / f"{table}.csv") for table in tables]

    return tell


def over(scene, books, session):
    for book in books:
        book.session_over(scene.world, session)


def test_the_last_decision_of_an_interrupt_holds(telling):
    def play(scene, books):
        session = scene.answered()
        for interrupt_id, status in (
            ("late", "requested"),
            ("late", "expired"),
            ("late", "approved"),
            ("open", "requested"),
            ("no", "rejected"),
        ):
            scene.after(1)
            session.interrupt(interrupt_id, status, "refund")
        over(scene, books, session)

    ([day],) = telling(play, "ai_interrupts_daily")
    counts = ("interrupts_count", "approved_count", "rejected_count", "expired_count", "pending_count", "approval_rate")
    assert [day[column] for column in counts] == ["3", "1", "1", "0", "1", "0.500000"]


def test_what_a_test_session_did_counts_nowhere_but_in_the_facts(telling):
    def play(scene, books):
        session = scene.answered(is_test=True)
        session.route("order-agent")
        session.call_tool("search", 10, success=True)
        session.query_order("1", success=True)
        session.call_workflow("w", success=False)
        over(scene, books, session)

    tables = ("ai_agent_usage_daily", "ai_tool_usage_daily", "query_performance_daily", "api_health_hourly")
    assert telling(play, *tables, "fct_queries")[:4] == [[], [], [], []]
    assert len(telling(play, "fct_queries")[0]) == 1


def test_an_hour_is_split_at_local_midnight_where_the_zone_has_half_hours(telling):
    def play(scene, books):
        # June, when Lord Howe is ahead by 10:30: midnight lies in the middle of an hour.
        scene.agenda.now = LORD_HOWE.instant(date(2026, 6, 2)) - 60
        session = scene.answered()
        session.call_workflow("w", 100, success=True)
        scene.after(120)
        session.call_workflow("w", 300, success=False)
        over(scene, books, session)

    (hours,) = telling(play, "api_health_hourly", tenant=LORD_HOWE)
    assert [(hour["call_date"], hour["hour_started_at"], hour["failed_calls_count"]) for hour in hours] == [
        ("2026-06-01", "2026-06-01T13:00:00.000000Z", "0"),
        ("2026-06-02", "2026-06-01T13:00:00.000000Z", "1"),
    ]


def test_errors_in_and_outside_of_sessions_count_together(telling):
    def play(scene, books):
        session = scene.answered()
        session.fail("timeout", endpoint="/v1")
        over(scene, books, session)
        scene.world._witness = books[2]
        scene.world.fail("/v1", "timeout", "nobody there")

    ([hour],) = telling(play, "api_health_hourly")
    assert (hour["endpoint_type"], hour["calls_count"], hour["errors_count"], hour["failure_rate"]) == (
        "endpoint",
        "0",
        "2",
        "",
    )


@pytest.mark.parametrize(
    ("seconds", "messages", "resolver", "differing"),
    [(60, 2, "ai", []), (61, 2, "ai", []), (61.001, 3, "none", ["duration_seconds", "message_count", "resolved_by"])],
)
def test_a_claim_differs_beyond_its_tolerance_alone(telling, seconds, messages, resolver, differing):
    def play(scene, books):
        session = scene.answered()
        scene.after(60)
        session.end(seconds, messages, resolver)
        over(scene, books, session)

    (claims,) = telling(play, "claim_reconciliation")
    assert [row["claim"] for row in claims if row["differing_count"] == "1"] == differing
    assert [row["claims_count"] for row in claims] == ["1", "1", "1"]


def test_the_last_score_of_a_session_counts_for_whoever_touched_it(telling):
    def play(scene, books):
        alone = scene.answered("s1")
        alone.rate(1)
        scene.after(1)
        alone.rate(5, "human")
        touched = scene.answered("s2")
        scene.agent.take_over(touched)
        touched.rate(2)
        for session in (alone, touched):
            over(scene, books, session)

    ([alone, touched],) = telling(play, "satisfaction_daily")
    assert (alone["touch"], alone["score_1_count"], alone["score_5_count"], alone["avg_score"]) == (
        "ai_only", "0", "1", "5.000000",
    )  # fmt: skip
    assert (touched["touch"], touched["score_2_count"], touched["satisfied_rate"]) == ("human_touched", "1", "0.000000")


def test_an_audit_counts_on_the_day_of_its_session(telling):
    def play(scene, books):
        sessions = [scene.answered(name) for name in ("s1", "s2")]
        for session in sessions:
            over(scene, books, session)
        scene.after(hours=20)
        audit = scene.world.new_audit("q1", sessions[0])
        audit.score(80.5, ["slow", "unclear"])
        for score in (99, 85.5):
            scene.after(hours=1)
            audit.review(score)
        books[3].audit_over(scene.world, audit)

    [audit], [day] = telling(play, "fct_quality_audits", "quality_summary_daily", hours=48)
    assert (audit["issues"], audit["reviewed_score"], audit["score_delta"]) == (
        "slow, unclear",
        "85.500000",
        "5.000000",
    )
    assert (day["audited_sessions_count"], day["unaudited_sessions_count"], day["avg_score_delta"]) == (
        "1", "1", "5.000000",
    )  # fmt: skip


def test_a_customer_is_known_by_sessions_and_tickets_but_not_by_tests(telling):
    def play(scene, books):
        for name, channel, is_test in (("c9", "web", False), ("c9", "app", True), ("tester", "app", True)):
            session = scene.answered(f"{name}-{channel}", customer=Customer(name), channel=channel, is_test=is_test)
            over(scene, books, session)
            scene.after(60)

    ([known],) = telling(play, "dim_customers")
    assert (known["customer_id"], known["sessions_count"], known["channels_count"], known["tickets_count"]) == (
        "c9", "1", "1", "0",
    )  # fmt: skip
    assert known["first_contact_at"] == known["last_contact_at"]
