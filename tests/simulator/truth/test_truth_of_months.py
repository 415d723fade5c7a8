"""The truth of days and months: counted by hand, and held together in a world that nobody told by hand."""

from datetime import date
from decimal import Decimal
from random import Random
from types import SimpleNamespace

import pytest

from simulator.play.simulation import play
from simulator.truth.book import Blank
from simulator.truth.sessions import SessionBook
from simulator.truth.view import View
from simulator.world.agenda import Agenda
from simulator.world.settings import Settings
from simulator.world.tenants import TENANTS
from simulator.world.world import World

SHANGHAI, BERLIN, _, LORD_HOWE = TENANTS
HOUR = 3600.0
OUTCOMES = {
    "invalid",
    "open",
    "escalated_to_human",
    "escalation_failed",
    "human_takeover",
    "blocked",
    "unanswered",
    "rejected",
    "confirmed_resolved",
    "abandoned",
    "assumed_resolved",
}


def test_sessions_are_counted_by_the_day_on_which_they_started_and_by_month(tmp_path, new_scene, read):
    view = View(BERLIN.instant(date(2026, 11, 2)), is_recorded=True)
    book = SessionBook(tmp_path, Settings(tenants=(BERLIN,)), view)
    scene = new_scene(BERLIN, date(2026, 10, 31), witness=book)
    helped = scene.answered("helped")
    helped.query_order("o", success=True)
    helped.give_feedback(helpful=True)
    silent = scene.answered("silent")
    asked = scene.answered("asked")
    asked.escalate("complaint")
    joined = scene.answered("joined")
    scene.agent.take_over(joined)
    tested = scene.answered("tested", is_test=True)
    tested.query_order("o", success=False)
    tested.use_tokens("assistant-large", 1000, 0)
    fallen = scene.visit("fallen")
    fallen.user_turn()
    fallen.fail("timeout")
    gone = scene.answered("gone")
    gone.user_turn()
    scene.after(hours=25.5)
    late = scene.answered("late")
    late.query_tracking("t", "dhl", success=False)
    for session in (helped, silent, asked, joined, tested, fallen, gone, late):
        scene.world.finish(session)
    book.close()
    # 25 hours and a half after midnight of the 31st it is 1:30 on November 1st: summer time ended a week before.
    days = read(tmp_path / "ai_resolution_daily.csv")
    assert [(day["session_date"], day["started_sessions_count"]) for day in days] == [
        ("2026-10-31", "7"),
        ("2026-11-01", "1"),
    ]
    first = days[0]
    expected = {
        "currency": "EUR",
        "running_sessions_count": "0",
        "sessions_count": "6",
        "escalated_sessions_count": "1",
        "ai_resolved_sessions_count": "5",
        "invalid_count": "1",
        "escalation_failed_count": "1",
        "human_takeover_count": "1",
        "blocked_count": "1",
        "confirmed_resolved_count": "1",
        "abandoned_count": "1",
        "assumed_resolved_count": "1",
        "valid_count": "6",
        "valid_escalated_count": "1",
        # All of them but the one that failed.
        "involved_count": "5",
        "engaged_count": "5",
        # Helped, silent, fallen and gone.
        "contained_count": "4",
        "tool_resolved_count": "1",
        "timed_ai_turns_count": "5",
        "ai_response_time_ms_total": "5000",
        # 5 × 4.80 and 2 × 4.80.
        "cost_saving_amount": "24.00",
        "standard_cost_saving_amount": "9.60",
        "uncosted_sessions_count": "0",
        "ai_resolution_rate": "0.833333",
        "escalation_rate": "0.166667",
        "resolution_rate_strict": "0.200000",
        "resolution_rate_standard": "0.400000",
        "containment_rate": "0.666667",
        "tool_resolution_rate": "0.166667",
        "abandonment_rate": "0.200000",
        # 5/6 × 2/5.
        "automation_rate": "0.333333",
        "avg_ai_response_time_ms": "1000.000000",
        # A day, and a day for late lines, are over.
        "is_final": "true",
    }
    assert {column: first[column] for column in expected} == expected
    assert days[1]["is_final"] == "false"
    months = read(tmp_path / "ai_resolution_monthly.csv")
    assert [(month["month"], month["assumed_resolved_count"]) for month in months] == [
        ("2026-10-01", "1"),
        ("2026-11-01", "1"),
    ]
    assert {**months[0], "session_date": first["session_date"], "is_final": "true"} == {
        **first,
        "month": "2026-10-01",
    }
    assert read(tmp_path / "query_success_monthly.csv") == [
        {
            "tenant_id": "nordwind",
            "month": "2026-10-01",
            "order_queries_count": "1",
            "successful_order_queries_count": "1",
            "tracking_queries_count": "0",
            "successful_tracking_queries_count": "0",
            "order_query_success_rate": "1.000000",
            "tracking_query_success_rate": "",
        },
        {
            "tenant_id": "nordwind",
            "month": "2026-11-01",
            "order_queries_count": "0",
            "successful_order_queries_count": "0",
            "tracking_queries_count": "1",
            "successful_tracking_queries_count": "0",
            "order_query_success_rate": "",
            "tracking_query_success_rate": "0.000000",
        },
    ]
    assert read(tmp_path / "token_usage_monthly.csv") == [
        {
            "tenant_id": "nordwind",
            "month": "2026-10-01",
            "currency": "EUR",
            "prompt_tokens": "1000",
            "cached_tokens": "0",
            "completion_tokens": "0",
            # At the price of October 20th.
            "token_cost_amount": "0.002100",
            "usages_count": "1",
            "unpriced_usages_count": "0",
            "api_calls_count": "0",
            "api_cost_amount": "0",
            "unpriced_api_calls_count": "0",
        }
    ]


def test_an_open_session_leaves_its_day_provisional_even_where_it_is_invalid(tmp_path, new_scene, read):
    view = View(SHANGHAI.instant(date(2026, 10, 7)), is_recorded=True)
    book = SessionBook(tmp_path, Settings(), view)
    scene = new_scene(witness=book)
    session = scene.visit()
    # An agent's note is the last sign of it, an hour before "now".
    scene.after(hours=47)
    scene.agent.note(session)
    scene.world.finish(session)
    book.close()
    (day,) = read(tmp_path / "ai_resolution_daily.csv")
    columns = ("running_sessions_count", "open_count", "invalid_count", "is_final", "ai_response_time_ms_total")
    assert [day[column] for column in columns] == ["1", "0", "1", "false", ""]


def test_a_session_of_which_the_chatbot_left_no_line_has_no_row_but_its_tokens_are_paid_for(tmp_path, new_scene, read):
    scene = new_scene()
    book = SessionBook(tmp_path, scene.settings, View(scene.begins_at + HOUR, is_recorded=True))
    session = scene.answered(is_test=True)
    session.use_tokens("assistant-small", 1000, 0)
    session.query_order("o", success=True)
    scene.lose(session, 0, 1, 2)
    book.session_over(scene.world, session)
    book.close()
    assert read(tmp_path / "fct_sessions.csv") == []
    assert [month["token_cost_amount"] for month in book.token_months.values()] == [Decimal("0.002000")]
    # That it was a test, nobody could know.
    assert [month["order_queries_count"] for month in book.query_months.values()] == [1]


#: Tables with a row per session.
OF_SESSIONS = ("fct_sessions", "fct_session_claims")


class Audience(Blank):
    """Keeps the sessions that are over."""

    def __init__(self):
        self.sessions = []

    def session_over(self, world, session):
        self.sessions.append((world, session))


@pytest.fixture(scope="module")
def played(new_writer):
    """Two weeks of two tenants; some lines are lost, and the agents' clock is wrong by more than a wait."""
    settings = Settings(days=14, sessions_per_day=40, tenants=(SHANGHAI, LORD_HOWE))
    agenda = Agenda(min(tenant.instant(settings.start) for tenant in settings.tenants))
    audience = Audience()
    writer = new_writer(agenda, loss=0.05, agents_ahead=-300.0)
    worlds = [World(settings, tenant, agenda, writer, audience) for tenant in settings.tenants]
    play(agenda, worlds)
    return SimpleNamespace(settings=settings, sessions=audience.sessions)


def tell(folder, played, sessions, *, is_recorded):
    # At noon of the last day, in the middle of the work.
    book = SessionBook(folder, played.settings, View(played.settings.as_of - 12 * HOUR, is_recorded))
    for world, session in sessions:
        book.session_over(world, session)
    book.close()
    return {path.stem: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("is_recorded", [True, False])
def test_the_order_in_which_sessions_end_changes_no_figure(tmp_path, played, is_recorded):
    shuffled = Random(2).sample(played.sessions, len(played.sessions))
    one = tell(tmp_path / "one", played, played.sessions, is_recorded=is_recorded)
    other = tell(tmp_path / "other", played, shuffled, is_recorded=is_recorded)
    # Sessions are written as they end.
    written = {name: (one.pop(name).splitlines(), other.pop(name).splitlines()) for name in OF_SESSIONS}
    assert one == other
    for rows, others in written.values():
        assert rows != others
        assert sorted(rows) == sorted(others)


@pytest.mark.parametrize("is_recorded", [True, False])
def test_in_a_played_world_the_figures_hold_together(tmp_path, played, is_recorded, read):
    tell(tmp_path, played, played.sessions, is_recorded=is_recorded)
    sessions = read(tmp_path / "fct_sessions.csv")
    days = read(tmp_path / "ai_resolution_daily.csv")
    months = read(tmp_path / "ai_resolution_monthly.csv")
    tokens = read(tmp_path / "token_usage_monthly.csv")
    known = {
        (world.tenant.tenant_id, session.session_id): {happening.trace.event_id for happening in session.history}
        for world, session in played.sessions
    }
    keys = [(row["tenant_id"], row["session_id"]) for row in sessions]
    assert len(set(keys)) == len(keys) > 1000
    assert all(row["outcome_evidence_event_id"] in known[key] for key, row in zip(keys, sessions, strict=True))
    # In so small a world no session may be blocked.
    assert OUTCOMES - {"blocked"} <= {row["outcome"] for row in sessions} <= OUTCOMES
    assert all(Decimal(row["duration_seconds"]) >= 0 for row in sessions if row["is_open"] == "false")
    for row in (*days, *months):
        assert sum(int(row[f"{outcome}_count"]) for outcome in OUTCOMES) == int(row["started_sessions_count"])
        resolved = int(row["confirmed_resolved_count"]) + int(row["assumed_resolved_count"])
        assert resolved <= int(row["contained_count"]) <= int(row["valid_count"]) - int(row["valid_escalated_count"])
        if row["engaged_count"] != "0":
            assert row["resolution_rate_strict"] <= row["resolution_rate_standard"]
    for column in ("started_sessions_count", "engaged_count", "cost_saving_amount", "uncosted_sessions_count"):
        assert total(days, column) == total(months, column)
    assert total(days, "started_sessions_count") == len(sessions)
    resolved = {key for key, row in zip(keys, sessions, strict=True) if row["outcome"].endswith("_resolved")}
    returns = [row for row in read(tmp_path / "fct_session_returns.csv") if row["is_ai_resolution"] == "true"]
    assert {(row["tenant_id"], row["session_id"]) for row in returns} == resolved
    mature = [row for row in returns if row["is_mature_168h"] == "true"]
    durable = [sum(row[f"is_durable_{hours}h"] == "true" for row in mature) for hours in (168, 72, 24)]
    assert 0 < durable[0] < durable[1] < durable[2] < len(mature)
    for column in ("prompt_tokens", "cached_tokens", "completion_tokens", "token_cost_amount"):
        assert total(sessions, column) == total(tokens, column)


def total(rows, column):
    return sum(Decimal(row[column]) for row in rows if row[column])
