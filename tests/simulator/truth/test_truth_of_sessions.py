"""The truth of a session beside its outcome: times, tokens, costs, claims; what was lost and when clocks were wrong."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from simulator.truth.money import Money
from simulator.world.customer import Customer
from simulator.world.settings import Settings
from simulator.world.tenants import TENANTS

SHANGHAI, BERLIN, NEW_YORK, LORD_HOWE = TENANTS


def test_response_times_are_summed_averaged_and_ranked(scene):
    session = scene.visit()
    session.user_turn()
    for milliseconds in (1000, None, 4000, 2000):
        session.ai_turn(milliseconds)
    row = scene.row(session)
    assert (row["timed_ai_turns_count"], row["ai_turns_count"]) == (3, 4)
    assert (row["ai_response_time_ms_total"], row["first_ai_response_time_ms"]) == (7000, 1000)
    assert row["avg_ai_response_time_ms"] == Decimal("2333.333333")
    # Place 0.95 × (3 − 1) = 1.9 among 1000, 2000, 4000.
    assert row["p95_ai_response_time_ms"] == 3800.0


def test_times_are_null_where_none_is_logged(scene):
    session = scene.visit()
    session.user_turn()
    session.ai_turn()
    row = scene.row(session)
    times = ("ai_response_time_ms_total", "avg_ai_response_time_ms", "first_ai_response_time_ms")
    assert [row[column] for column in (*times, "p95_ai_response_time_ms")] == [None] * 4


def test_tokens_cost_what_is_in_force_and_each_use_is_rounded_half_up(scene):
    session = scene.answered()
    # 1,500 × 0.002 + 130 × 0.006, per 1,000: 0.003 + 0.00078.
    session.use_tokens("assistant-small", 1500, 130)
    # No more than the whole prompt is cached: 1,000 × 0.0005 per 1,000.
    session.use_tokens("assistant-small", 1000, 0, 1200)
    # 1 × 0.0005 per 1,000 = 0.0000005, rounded up.
    session.use_tokens("assistant-small", 1, 0, 1)
    session.use_tokens("assistant-of-tomorrow", 7, 7)
    row = scene.row(session)
    assert (row["prompt_tokens"], row["cached_tokens"], row["completion_tokens"]) == (2508, 1001, 137)
    assert (row["token_cost_amount"], row["unpriced_usages_count"]) == (Decimal("0.004281"), 1)


def test_tokens_without_a_price_cost_nobody_knows_what_and_no_tokens_cost_nothing(new_scene):
    scene = new_scene(LORD_HOWE)
    session, quiet = scene.answered(), scene.answered("s2")
    session.use_tokens("assistant-small", 10, 10)
    row = scene.row(session)
    assert (row["token_cost_amount"], row["unpriced_usages_count"]) == (None, 1)
    assert scene.row(quiet)["token_cost_amount"] == 0


@pytest.mark.parametrize(
    ("tenant", "day", "seconds", "cost"),
    [
        (SHANGHAI, date(2026, 10, 5), 0, "10.00"),
        # The last microsecond of October 19th in Berlin, and the first of the 20th.
        (BERLIN, date(2026, 10, 20), -1e-6, "4.50"),
        (BERLIN, date(2026, 10, 20), 0, "4.80"),
        (LORD_HOWE, date(2026, 10, 15), -1e-6, None),
        (LORD_HOWE, date(2026, 10, 15), 0, "7.00"),
    ],
)
def test_a_human_contact_costs_what_is_in_force_on_the_local_day(tenant, day, seconds, cost, new_scene):
    scene = new_scene(tenant, day)
    scene.after(seconds)
    row = scene.row(scene.answered())
    assert row["human_cost_per_contact_amount"] == (cost and Decimal(cost))


def test_the_default_tenant_stands_in_only_in_its_own_currency():
    bare = replace(SHANGHAI, tenant_id="bare", human_costs=(), platform_fees=())
    money = Money(Settings(tenants=(SHANGHAI, bare, NEW_YORK)))
    day = date(2026, 10, 1)
    assert (money.human_cost(bare, day), money.platform_fee(bare, day)) == (Decimal(10), Decimal(2000))
    assert money.platform_fee(NEW_YORK, day) is None


def test_the_wait_runs_from_the_first_escalation_to_the_first_takeover(scene):
    session = scene.answered()
    for seconds in (10, 20):
        scene.after(seconds)
        session.escalate("complaint", "high", keyword=f"after {seconds}")
    scene.after(30.5)
    scene.agent.take_over(session)
    row = scene.row(session)
    assert row["wait_seconds"] == Decimal("50.5")
    assert (row["escalation_reason"], row["escalation_severity"], row["escalation_keyword"]) == (
        "complaint",
        "high",
        "after 10",
    )


def test_the_first_takeover_and_the_last_word_on_everything_else_count(scene):
    session = scene.answered()
    session.escalate("complaint")
    for number in (1, 2):
        scene.after(10)
        scene.agent.take_over(session)
        session.recognise(f"intent {number}")
        session.rate(number)
        session.end(number, number, "human")
    row = scene.row(session)
    assert (row["first_takeover_at"] - scene.begins_at, row["wait_seconds"]) == (10, 10)
    assert (row["intent"], row["last_rating_score"]) == ("intent 2", 2)
    assert (row["duration_seconds"], row["reported_duration_seconds"], row["reported_message_count"]) == (20, 2.0, 2)


def test_who_is_there_before_the_escalation_lets_nobody_wait(scene):
    session = scene.answered()
    scene.agent.take_over(session)
    scene.after(5)
    session.escalate("complaint")
    assert scene.row(session)["wait_seconds"] is None


def test_a_workflow_is_no_tool(scene):
    session = scene.answered()
    session.call_workflow("w", success=True)
    assert scene.row(session)["has_successful_tool"] is False


def test_what_the_product_claims_stands_beside_what_is_true(scene):
    session = scene.answered()
    scene.after(600)
    session.end(630, 9, "none", "user_left")
    row = scene.row(session)
    assert row["duration_seconds"] == 600
    assert [row[f"reported_{claim}"] for claim in ("duration_seconds", "message_count", "resolved_by")] == [
        630.0,
        9,
        "none",
    ]
    assert row["end_reason"] == "user_left"


def test_a_lost_start_leaves_a_session_without_a_name_that_begins_with_its_first_line(scene):
    session = scene.visit(is_test=True)
    scene.after(7)
    session.query_order("o", success=True)
    scene.after(8)
    session.user_turn()
    scene.lose(session, 0)
    recorded, happened = scene.row(session), scene.row(session, is_recorded=False)
    # The query does not say that there is a session; the message does.
    assert recorded["started_at"] - happened["started_at"] == 15
    unknown = ("channel", "site", "locale", "customer_id", "has_start_event", "is_test")
    assert [recorded[column] for column in unknown] == [None, None, None, None, False, False]
    assert [happened[column] for column in unknown] == ["web", "cn", None, "c1", True, True]


def test_a_session_that_ends_before_it_starts_ends_when_it_starts(scene):
    session = scene.answered()
    scene.after(60)
    session.end(60, 2)
    ending = session.history[-1]
    ending.trace = ending.trace._replace(logged_at=scene.begins_at - 1)
    recorded, happened = scene.row(session), scene.row(session, is_recorded=False)
    assert (recorded["has_clock_skew"], recorded["duration_seconds"]) == (True, 0)
    assert recorded["ended_at"] == recorded["started_at"]
    assert (happened["has_clock_skew"], happened["duration_seconds"]) == (False, 60)


def test_anonymous_customers_have_no_name(scene):
    session = scene.visit(customer=Customer("c9", is_anonymous=True))
    assert scene.row(session)["customer_id"] is None
