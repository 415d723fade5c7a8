"""From an HTTP request to a row of a mart, while the service that logs is still running."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.warehouse.dbt_forks import MODELS, DbtForks


@pytest.fixture
def build(database: str, forks: DbtForks) -> Callable[[], None]:
    """Runs ``dbt build`` on the test's database, as the cron job does: now is the start of the run."""

    def run() -> None:
        built = forks.run(database, *MODELS)
        assert built.code == 0, built.output

    return run


@pytest.fixture
def ask(database: str) -> Callable[[str], list[tuple[Any, ...]]]:
    """All rows of a query."""

    def run(query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(database) as connection:
            return connection.execute(query).fetchall()

    return run


SESSIONS = """
    select session_id, outcome, outcome_reason, is_escalated, is_taken_over, user_turns_count, ai_turns_count
    from marts.fct_sessions order by started_at
"""


def test_conversations_handover_and_ticket_reach_the_marts_while_the_service_runs(chat_service, run_loader, build, ask):
    post = chat_service.post
    resolved = post("/sessions", {"text": "Where is SO000000002?"}, status=201)["session_id"]
    post(f"/sessions/{resolved}/feedback", {"helpful": True})
    post(f"/sessions/{resolved}/end", {})

    handed_over = post("/sessions", {"text": "gibberish"}, status=201)["session_id"]
    post(f"/sessions/{handed_over}/escalate", {"reason": "repeated_fallback", "severity": "high"})
    post("/agents/a-01/login", {"name": "Chen Yun"})
    post("/agents/a-01/takeover", {"session_id": handed_over})
    post("/agents/a-01/messages", {"session_id": handed_over, "text": "I am looking into it."})
    ticket_id = post("/tickets", {"session_id": handed_over, "agent_id": "a-01"}, status=201)["ticket_id"]
    post(f"/tickets/{ticket_id}/replies", {"agent_id": "a-01"})

    unfinished = post("/sessions", {"text": "hello"}, status=201)["session_id"]

    first_lines = len(chat_service.lines())
    ingested = run_loader("ingest", chat_service.log_directory)
    assert ingested.returncode == 0, ingested.stderr
    build()
    assert ask(SESSIONS) == [
        (resolved, "confirmed_resolved", "helpful", False, False, 1, 1),
        (handed_over, "open", "still_active", True, True, 1, 1),
        (unfinished, "open", "still_active", False, False, 1, 1),
    ]
    assert ask("select ticket_id, session_id, status from marts.fct_tickets") == [(ticket_id, handed_over, "open")]

    # The same service goes on, into the same files.
    post(f"/sessions/{unfinished}/messages", {"text": "How do I pay?"}, status=200)
    post(f"/sessions/{unfinished}/end", {})
    post("/agents/a-01/release", {"session_id": handed_over})
    post(f"/sessions/{handed_over}/end", {})
    post(f"/tickets/{ticket_id}/solve", {"agent_id": "a-01"})
    post(f"/tickets/{ticket_id}/close")
    post("/agents/a-01/logout")

    ingested = run_loader("ingest", chat_service.log_directory)
    assert ingested.returncode == 0, ingested.stderr
    build()
    assert ask(SESSIONS) == [
        (resolved, "confirmed_resolved", "helpful", False, False, 1, 1),
        (handed_over, "escalated_to_human", "agent_took_over", True, True, 1, 1),
        (unfinished, "assumed_resolved", "silence_after_answer", False, False, 2, 2),
    ]
    assert ask(
        "select ticket_id, session_id, status, is_sla_met_reported, closed_at >= solved_at from marts.fct_tickets"
    ) == [(ticket_id, handed_over, "closed", True, True)]
    assert ask("select agent_id, end_source, reported_sessions_handled_count from marts.fct_agent_shifts") == [
        ("a-01", "logout", 1)
    ]
    all_lines = len(chat_service.lines())
    assert all_lines > first_lines
    assert ask(
        "select count(*), sum(read_lines_count), sum(loaded_lines_count), sum(duplicate_lines_count),"
        " sum(rejected_lines_count) from marts.ingest_reconciliation"
    ) == [(2, all_lines, all_lines, 0, 0)]
