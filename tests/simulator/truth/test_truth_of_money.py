"""The truth of money and headline figures: each expected value is worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from simulator.truth.headline import figure_rows, headline_figures, with_changes
from simulator.truth.roi import roi_rows
from simulator.truth.truth import Truth
from simulator.world.agent import Agent
from simulator.world.settings import Settings


def _session_month(**figures):
    return {
        "sessions_count": 5,
        "ai_resolved_sessions_count": 4,
        "confirmed_resolved_count": 1,
        "assumed_resolved_count": 1,
        "durable_168h_count": 1,
        "mature_168h_count": 2,
        "cost_saving_amount": Decimal(32),
        "standard_cost_saving_amount": Decimal(16),
        "uncosted_sessions_count": 0,
        "costed_resolved_count": 2,
        **figures,
    }


def _usage(tokens):
    return {
        "token_cost_amount": Decimal(tokens),
        "unpriced_usages_count": 0,
        "api_cost_amount": Decimal(0),
        "unpriced_api_calls_count": 0,
    }


def test_one_resolution_breaks_even_where_each_brings_seven_and_the_fee_is_four():
    tokens = {
        "token_cost_amount": Decimal("1.5"),
        "unpriced_usages_count": 3,
        "api_cost_amount": Decimal("0.5"),
        "unpriced_api_calls_count": 1,
    }
    low, base, high = roi_rows(_session_month(), tokens, Decimal(4))
    assert base == {
        "scenario": "base",
        "has_platform_fee": True,
        "sessions_count": 5,
        "house_resolved_count": 4,
        "standard_resolved_count": 2,
        "costed_resolved_count": 2,
        "durable_resolved_count": 1,
        "mature_resolved_count": 2,
        "uncosted_sessions_count": 0,
        "unpriced_usages_count": 3,
        "unpriced_api_calls_count": 1,
        "house_cost_saving_amount": 32,
        "human_cost_avoided_amount": 16,
        "token_cost_amount": Decimal("1.5"),
        "api_cost_amount": Decimal("0.5"),
        "platform_fee_amount": 4,
        "ai_cost_amount": 6,
        "net_saving_amount": 10,
        # 10 / 6.
        "roi_ratio": Decimal("1.666667"),
        "cost_per_ai_resolution_amount": 3,
        "cost_per_human_contact_amount": 8,
        "break_even_resolved_count": 1,
    }
    # 16 × 0.8 and 16 × 1.2; the house figure takes no factor.
    assert [row["human_cost_avoided_amount"] for row in (low, high)] == [Decimal("12.8"), Decimal("19.2")]
    assert [row["house_cost_saving_amount"] for row in (low, high)] == [32, 32]


@pytest.mark.parametrize(
    ("fee", "tokens", "count"),
    [("14", 2, 2), ("14.000001", 2, 3), ("4", 16, None), ("4", 17, None), ("0", 2, 0)],
)
def test_break_even_is_rounded_up_and_unknown_where_tokens_cost_what_they_save(fee, tokens, count):
    cost = _usage(tokens)
    rows = {row["scenario"]: row for row in roi_rows(_session_month(), cost, Decimal(fee))}
    assert rows["base"]["break_even_resolved_count"] == count


def test_tokens_alone_and_sessions_alone_make_a_month_of_their_own():
    tokens_alone = next(roi_rows(None, _usage(2), None))
    assert (tokens_alone["net_saving_amount"], tokens_alone["roi_ratio"]) == (-2, None)
    assert tokens_alone["break_even_resolved_count"] is None
    assert tokens_alone["cost_per_ai_resolution_amount"] is None
    assert tokens_alone["has_platform_fee"] is False
    sessions_alone = next(roi_rows(_session_month(), None, None))
    assert (sessions_alone["ai_cost_amount"], sessions_alone["roi_ratio"]) == (0, None)


def test_a_figure_changes_against_the_month_and_the_year_before():
    def month(first, count):
        return {
            "tenant_id": "default",
            "month": first,
            "currency": "CNY",
            "is_month_over": True,
            **headline_figures(None, None, None, None),
            "sessions_count": count,
            "transfer_rate": Decimal(count) / 10,
        }

    counts = {date(2025, 12, 1): 3, date(2026, 1, 1): 5, date(2026, 12, 1): 4}
    months = {first: month(first, count) for first, count in counts.items()}
    changes = [with_changes(months, first) for first in months]
    assert [row["sessions_count_mom_change"] for row in changes] == [None, 2, None]
    assert [row["sessions_count_yoy_change"] for row in changes] == [None, None, 1]
    assert [row["avg_handle_time_seconds_mom_change"] for row in changes] == [None, None, None]
    rates = [row for row in figure_rows(months, date(2026, 12, 1)) if row["metric"] == "transfer_rate"]
    assert rates == [
        {
            "tenant_id": "default",
            "month": date(2026, 12, 1),
            "metric": "transfer_rate",
            "currency": "CNY",
            "is_month_over": True,
            "figure": Decimal("0.4"),
            "month_before_figure": None,
            "change_on_month_before": None,
            "year_before_figure": Decimal("0.3"),
            "change_on_year_before": Decimal("0.1"),
        }
    ]


def test_a_month_without_a_subject_counts_zero_and_has_neither_times_nor_rates():
    figures = headline_figures(None, None, None, None)
    zeros = {column for column, figure in figures.items() if figure == 0}
    assert zeros == {column for column in figures if column.endswith("_count")} | {"cost_saving_amount"}
    assert {figures[column] for column in figures.keys() - zeros} == {None}


def test_a_month_of_one_desk_is_told_from_its_sessions_handlings_and_tickets(tmp_path, new_scene, read):
    truth = Truth(tmp_path, Settings(days=30))
    scene = new_scene(day=date(2026, 10, 5), witness=truth)
    helped = scene.answered("helped")
    helped.use_tokens("assistant-large", 100_000, 0)
    helped.query_order("o", success=True)
    helped.give_feedback(helpful=True)
    asked = scene.answered("asked")
    asked.escalate("complaint")
    scene.after(30)
    scene.agent.take_over(asked)
    scene.after(90)
    scene.agent.release(asked)
    ticket = scene.world.new_ticket("email", "delivery", ticket_id="t1")
    ticket.open()
    scene.after(hours=2)
    ticket.move("solved")
    ticket.close(sla_met=False)
    scene.world.finish_all()
    truth.close()
    (headline,) = read(tmp_path / "headline_figures_monthly.csv")
    assert headline == {
        "tenant_id": "default",
        "month": "2026-10-01",
        "currency": "CNY",
        # Now is the midnight before the 31st.
        "is_month_over": "false",
        "sessions_count": "2",
        "ai_resolved_sessions_count": "1",
        "ai_resolution_rate": "0.500000",
        "ai_response_time_ms_total": "2000",
        "timed_ai_turns_count": "2",
        "avg_ai_response_time_ms": "1000.000000",
        "cost_saving_amount": "10.00",
        "uncosted_sessions_count": "0",
        "order_queries_count": "1",
        "successful_order_queries_count": "1",
        "order_query_success_rate": "1.000000",
        "tracking_queries_count": "0",
        "successful_tracking_queries_count": "0",
        "tracking_query_success_rate": "",
        "handled_sessions_count": "1",
        "wait_seconds_total": "30.000000",
        "waited_handlings_count": "1",
        "avg_first_response_seconds": "30.000000",
        "handle_seconds_total": "90.000000",
        "ended_handlings_count": "1",
        "avg_handle_time_seconds": "90.000000",
        "transfers_count": "0",
        "transfer_rate": "0.000000",
        "closed_tickets_count": "1",
        "resolution_seconds_total": "7200.000000",
        "resolved_tickets_count": "1",
        "avg_resolution_hours": "2.000000",
        "sla_met_tickets_count": "1",
        "sla_breached_tickets_count": "0",
        "sla_attainment_rate": "1.000000",
    }
    (day,) = read(tmp_path / "headline_figures_daily.csv")
    own = {"month": None, "is_month_over": None, "day": "2026-10-05", "is_day_over": "true"}
    assert {"month": None, "is_month_over": None, **day} == headline | own
    (case,) = read(tmp_path / "business_case_monthly.csv")
    changes = {column: change for column, change in case.items() if column not in headline}
    assert {column: case[column] for column in headline} == headline
    assert (len(changes), set(changes.values())) == (26, {""})
    figures = {row["metric"]: row["figure"] for row in read(tmp_path / "business_case_figures_monthly.csv")}
    assert len(figures) == 13
    assert (figures["avg_resolution_time"], figures["cost_saving"]) == ("2.000000", "10.00")
    # 100,000 tokens at 0.02 per 1,000 and a fee of 2,000 against one resolution at 8, 10 and 12.
    returns = read(tmp_path / "roi_monthly.csv")
    assert [row["scenario"] for row in returns] == ["low", "base", "high"]
    assert [Decimal(row["ai_cost_amount"]) for row in returns] == [2002] * 3
    assert [Decimal(row["net_saving_amount"]) for row in returns] == [-1994, -1992, -1990]
    # 2,000 / (8 − 2), rounded up; / (10 − 2); / (12 − 2).
    assert [row["break_even_resolved_count"] for row in returns] == ["334", "250", "200"]
    assert read(tmp_path / "dim_tenants.csv") == [
        {"tenant_id": "default", "timezone": "Asia/Shanghai", "currency": "CNY", "is_configured": "true"}
    ]


@pytest.mark.parametrize(("days", "is_over"), [(30, "false"), (31, "true")])
def test_a_month_is_over_at_its_last_midnight(tmp_path, new_scene, read, days, is_over):
    truth = Truth(tmp_path, Settings(days=days))
    scene = new_scene(day=date(2026, 10, 5), witness=truth)
    scene.answered()
    scene.world.finish_all()
    truth.close()
    (headline,) = read(tmp_path / "headline_figures_monthly.csv")
    assert headline["is_month_over"] == is_over


def test_headline_figures_of_days_count_each_subject_on_its_own_day(tmp_path, new_scene, read):
    truth = Truth(tmp_path, Settings(start=date(2026, 10, 5), days=2))
    scene = new_scene(day=date(2026, 10, 5), witness=truth)
    scene.after(hours=23)
    session = scene.answered("s1")
    scene.agent.take_over(session)
    scene.agent.transfer(session, Agent(scene.world, "a2", "Ben"))
    ticket = scene.world.new_ticket("email", "delivery", ticket_id="t1")
    ticket.open()
    scene.after(hours=2)
    scene.agent.take_over(session)
    session.query_order("o", success=False)
    ticket.move("solved")
    ticket.close()
    scene.world.finish_all()
    truth.close()
    columns = (
        "day",
        "is_day_over",
        "sessions_count",
        "order_queries_count",
        "order_query_success_rate",
        "handled_sessions_count",
        "transfers_count",
        "transfer_rate",
        "closed_tickets_count",
        "avg_resolution_hours",
    )
    days = read(tmp_path / "headline_figures_daily.csv")
    assert [tuple(day[column] for column in columns) for day in days] == [
        ("2026-10-05", "true", "1", "0", "", "1", "1", "1.000000", "0", ""),
        # The other day is over at "now", not after it.
        ("2026-10-06", "true", "0", "1", "0.000000", "1", "0", "0.000000", "1", "2.000000"),
    ]
    # Handled on both days, it is one handled session of the month.
    (month,) = read(tmp_path / "headline_figures_monthly.csv")
    assert [month[column] for column in ("handled_sessions_count", "transfer_rate")] == ["1", "1.000000"]
