"""Conversations that LangGraph keeps in PostgreSQL, as event lines."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from loader.langgraph_checkpoint import Reading
from loader.langgraph_import import import_threads
from loader.langgraph_interrupt import action_of, decision_of
from loader.langgraph_threads import open_threads
from tests.conftest import NewDatabase, RunningServer
from tests.loader.langgraph_product import ADDRESS, AGENTS, Product, product_on

ENVELOPE = {"event_id", "timestamp", "product", "tenant_id", "schema_version", "emitter_id", "seq", "level", "logger"}


@pytest.fixture
def product_url(new_database: NewDatabase) -> Iterator[str]:
    with new_database() as url:
        yield url


@pytest.fixture
def product(product_url: str) -> Iterator[Product]:
    with product_on(product_url) as running:
        yield running


@pytest.fixture
def imported(product_url: str, tmp_path: Path):
    """Imports into the folder ``logs``; the lines that were added."""

    def run(**options: Any) -> list[dict[str, Any]]:
        reading = Reading("web", agents=frozenset(AGENTS), customer_key="user_id")
        with open_threads(product_url) as threads:
            done = import_threads(threads, tmp_path / "logs", reading, product="ai_chatbot", tenant_id="t", **options)
        added = [json.loads(line) for line in done.path.read_text("utf-8").splitlines()] if done.path else []
        assert [line["seq"] for line in added] == list(range(done.events))
        return added

    return run


def test_a_thread_is_told_by_events_of_the_contract(product, imported):
    product.ask("t1", f"where is my order? write to {ADDRESS}")
    product.ask("t1", "I want my money back")
    product.decide("t1", True)
    product.ask("t1", "and my second order?")

    lines = imported()

    assert [told(line) for line in lines] == [
        {"event": "session.start", "channel": "web", "customer_id": "customer-of-t1"},
        {"event": "session.message", "role": "user", "message_length": 42},
        {"event": "ai.route", "agent_name": "orders"},
        {"event": "ai.tool_call", "tool_name": "find_order", "success": True},
        USED,
        {"event": "session.message", "role": "ai", "message_length": 17},
        {"event": "session.message", "role": "user", "message_length": 20},
        {"event": "ai.route", "agent_name": "billing"},
        {"event": "ai.interrupt", "status": "requested", "action": "refund"},
        {"event": "ai.interrupt", "status": "approved", "action": "refund"},
        {"event": "session.message", "role": "ai", "message_length": 16},
        {"event": "session.message", "role": "user", "message_length": 20},
        {"event": "ai.route", "agent_name": "orders"},
        {"event": "ai.tool_call", "tool_name": "find_order", "success": False},
        USED,
        {"event": "session.message", "role": "ai", "message_length": 17},
    ]
    # Answers that nobody had to wait for are measured, those behind a human are not.
    timed = [line["message_length"] for line in lines if "response_time_ms" in line and line.get("role")]
    assert timed == [17, 17]
    assert {line["session_id"] for line in lines} == {"t1"}
    assert [line["timestamp"] for line in lines] == sorted(line["timestamp"] for line in lines)


USED = {
    "event": "ai.token_usage",
    "model": "assistant-small",
    "provider": "acme",
    "prompt_tokens": 120,
    "completion_tokens": 30,
    "cached_tokens": 100,
}


def test_a_repeated_import_brings_what_is_new_and_nothing_else(product, imported):
    product.ask("asks", "I want my money back")
    product.ask("waits", "where is my order?")
    first = imported()
    assert imported() == []

    product.decide("asks", "reject")
    assert [told(line) for line in imported()] == [
        {"event": "ai.interrupt", "status": "rejected", "action": "refund"},
        {"event": "session.message", "role": "ai", "message_length": 21},
    ]
    # Whoever deletes old steps loses none of what came since, and gets nothing twice.
    product.ask("waits", "and my second order?")
    product.saver.prune(["waits"], strategy="keep_latest")
    assert [told(line)["event"] for line in imported()] == [
        "session.message",
        "ai.tool_call",
        "ai.token_usage",
        "session.message",
    ]
    assert [line["event"] for line in first].count("session.start") == 2


def test_the_same_conversations_imported_anew_are_the_same_events(product, imported, run_loader, ask, tmp_path):
    product.ask("t1", "where is my order?")
    product.ask("t1", "I want my money back")
    first = imported()
    (tmp_path / "logs/.langgraph-import.json").unlink()
    second = imported()

    assert [line["event_id"] for line in second] == [line["event_id"] for line in first]
    assert len({line["event_id"] for line in first}) == len(first)
    assert run_loader("ingest", tmp_path / "logs", "--quiet").returncode == 0
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(2 * len(first), len(first))]


def test_text_is_written_only_where_it_is_asked_for_and_masked_then(product, imported, tmp_path):
    product.ask("t1", f"my order? write to {ADDRESS}")
    with pytest.raises(TimeoutError):
        product.ask("broken", "crash")

    lines = imported(capture_text=True)

    [said] = [line["text"] for line in lines if line.get("role") == "user" and line["session_id"] == "t1"]
    assert said == "my order? write to [email]"
    [error] = [told(line) for line in lines if line["event"] == "api.error"]
    assert error == {
        "event": "api.error",
        "endpoint": "langgraph",
        "error_type": "TimeoutError",
        "error_message": "TimeoutError('no answer for [email]')",
    }
    (tmp_path / "logs/.langgraph-import.json").unlink()
    assert [line for line in imported() if "text" in line] == []


def test_threads_without_a_step_since_are_left_out(product, imported):
    product.ask("t1", "where is my order?")
    assert imported(since=datetime(2100, 1, 1, tzinfo=UTC)) == []
    assert len(imported(since=datetime(2020, 1, 1, tzinfo=UTC))) == 6


def test_the_right_to_select_is_enough_and_each_refusal_says_what_to_do(product, product_url, run_loader, tmp_path):
    product.ask("t1", "where is my order?")

    def refused(url: str) -> str:
        done = run_loader("import-langgraph", "--out", tmp_path, "--channel", "web", "--dsn", url)
        assert (done.returncode, done.stdout) == (4, "")
        return done.stderr

    with psycopg.connect(product_url, autocommit=True) as connection:
        connection.execute("create role visitor login password 'let-me-in'")
        try:
            visitor = psycopg.conninfo.make_conninfo(product_url, user="visitor", password="let-me-in")
            assert refused(visitor) == (
                "loader: the user may not read the checkpoints: permission denied for table checkpoints\n"
                "  next: grant select on checkpoints, checkpoint_blobs, checkpoint_writes to this user\n"
            )
            connection.execute("grant select on checkpoints, checkpoint_blobs, checkpoint_writes to visitor")
            done = run_loader("import-langgraph", "--out", tmp_path, "--channel", "web", "--dsn", visitor)
            assert done.returncode == 0
            assert "1 threads, 1 with news, 5 events in " in done.stderr
            assert "nodes that are no sub-agents: orders, tools; name those that are with --agent\n" in done.stderr
            unknown = refused(visitor.replace("let-me-in", "a-guess"))
            assert unknown.startswith("loader: the product's database cannot be read: ")
            assert 'password authentication failed for user "visitor"' in unknown
            assert "a-guess" not in unknown
        finally:
            connection.execute("drop owned by visitor")
            connection.execute("drop role visitor")


def test_a_database_without_checkpoints_is_refused(database, run_loader, tmp_path):
    done = run_loader("import-langgraph", "--out", tmp_path, "--channel", "web", "--dsn", database)
    assert done.returncode == 4
    assert done.stderr.startswith("loader: the database has no checkpoints of LangGraph, or ")
    assert list(tmp_path.glob("*.jsonl")) == []


def test_without_the_library_the_command_says_how_to_install_it(server: RunningServer, tmp_path):
    program = (
        "import sys; sys.modules['langgraph.checkpoint.postgres'] = None; sys.argv[1:] = sys.argv[2:];"
        "from loader.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "", "import-langgraph", "--channel", "web", "--dsn", "postgresql:///x"],
        cwd=tmp_path,
        env=server.environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 4
    assert done.stderr.endswith("  next: install it where the loader is: pip install '.[langgraph]'\n")


@pytest.mark.parametrize(
    ("value", "action"),
    [
        ("refund", "refund"),
        ("May I pay li@example.com?", None),
        ({"action": "refund"}, "refund"),
        ({"action_request": {"action": "refund", "args": {}}, "config": {}}, "refund"),
        ({"action_requests": [{"name": "refund", "args": {}}]}, "refund"),
        ([{"type": "review"}], "review"),
        ({"question": "sure"}, None),
        (7, None),
    ],
)
def test_what_an_interrupt_asks_for_is_a_name_or_nothing(value, action):
    assert action_of(value) == action


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        (True, "approved"),
        (False, "rejected"),
        ("No ", "rejected"),
        ("go on", "approved"),
        ([{"type": "ignore", "args": None}], "rejected"),
        ({"decisions": [{"type": "approve"}, {"type": "reject"}]}, "rejected"),
        ({"approved": False}, "rejected"),
        ({"type": "edit", "args": {"amount": 3}}, "approved"),
        (None, "approved"),
    ],
)
def test_an_answer_allows_unless_it_refuses(answer, decision):
    assert decision_of(answer) == decision


def told(line: dict[str, Any]) -> dict[str, Any]:
    """What a line tells, without envelope, times and ids of the library's making."""
    hidden = ENVELOPE | {"session_id", "response_time_ms", "message_id", "interrupt_id"}
    return {key: value for key, value in line.items() if key not in hidden}
