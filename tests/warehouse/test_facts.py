"""The facts of single events: rows that open down to their lines."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

#: Facts with a row per event, and the events that they are made of.
FACTS = {
    "fct_session_messages": {"session.message", "agent.session_message"},
    "fct_queries": {"query.order", "query.tracking"},
    "fct_api_calls": {"api.coze_call", "api.error", "ai.tool_call"},
    "fct_escalations": {"session.escalate"},
    "fct_ratings": {"session.rating", "session.feedback"},
    "fct_token_usage": {"ai.token_usage"},
}


@pytest.mark.parametrize("fact", FACTS)
def test_each_row_leads_to_the_line_of_its_event(warehouse, fact):
    rows = warehouse.ask(
        f"select facts.event_id, facts.session_id, files.path, facts.line_number from marts.{fact} as facts"
        " inner join marts.ingest_reconciliation as files on facts.source_file_id = files.source_file_id"
    )
    lines = {path: lines_of(Path(path)) for path in {path for _, _, path, _ in rows}}
    found = [json.loads(lines[path][number - 1]) for _, _, path, number in rows]
    assert [(line["event_id"], line.get("session_id")) for line in found] == [row[:2] for row in rows]
    assert len(rows) > 10


@pytest.mark.parametrize("fact", FACTS)
def test_each_event_has_one_row(warehouse, fact):
    events = warehouse.ask("select event_id from staging.base_events where event = any(%s)", list(FACTS[fact]))
    rows = warehouse.ask(f"select event_id from marts.{fact}")
    assert Counter(rows) == Counter(events)


def lines_of(path: Path) -> list[bytes]:
    """The lines of a log file, decompressed."""
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()
