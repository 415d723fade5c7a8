"""Every line and every session is accounted for, counted against the log files by other means than the warehouse's."""

import gzip
import json
from collections import Counter
from pathlib import Path

EVENT_OF_ALIAS = {"message.user": "session.message", "message.ai": "session.message"}


def raw_lines(path: Path) -> list[bytes]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.split(b"\n")[:-1]


def good_lines(logs: Path) -> list[dict]:
    found = []
    for path in sorted(logs.glob("*.jsonl*")):
        for line in raw_lines(path):
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict):
                found.append(event)
    return found


def test_outcomes_sum_to_the_sessions_started_in_the_logs(warehouse):
    started = {line["session_id"] for line in good_lines(warehouse.logs) if line.get("event") == "session.start"}
    [(sessions, with_outcome)] = warehouse.ask("select count(*), count(outcome) from marts.fct_sessions")
    [(in_daily,)] = warehouse.ask(
        """
        select sum(invalid_count + open_count + escalated_to_human_count + escalation_failed_count
                   + human_takeover_count + blocked_count + unanswered_count + rejected_count
                   + confirmed_resolved_count + abandoned_count + assumed_resolved_count)
        from marts.ai_resolution_daily
        """
    )
    assert (sessions, with_outcome, in_daily) == (len(started), len(started), len(started))


def test_lines_read_equal_loaded_plus_duplicates_plus_rejected_per_file(warehouse):
    in_files = {path.name: len(raw_lines(path)) for path in warehouse.logs.glob("*.jsonl*")}
    rows = warehouse.ask(
        """
        select path, read_lines_count, loaded_lines_count + duplicate_lines_count + rejected_lines_count
        from marts.ingest_reconciliation
        """
    )
    assert {Path(path).name: (read, accounted) for path, read, accounted in rows} == {
        name: (lines, lines) for name, lines in in_files.items()
    }


def test_repeated_events_are_counted_and_not_built_twice(warehouse):
    ids = Counter(line["event_id"] for line in good_lines(warehouse.logs) if "event_id" in line)
    [(duplicates,)] = warehouse.ask("select sum(duplicate_lines_count) from marts.ingest_reconciliation")
    [(events, distinct_events)] = warehouse.ask("select count(*), count(distinct event_id) from staging.base_events")
    assert duplicates == sum(ids.values()) - len(ids) > 0
    assert events == distinct_events


def test_older_event_names_are_mapped_and_traced(warehouse):
    [(mapped,)] = warehouse.ask(
        "select count(*) from staging.base_events where event = 'session.message' and event_as_written = 'message.user'"
    )
    [(as_users,)] = warehouse.ask(
        """
        select count(*)
        from staging.stg_ai_chatbot__session_messages as messages
        inner join staging.base_events as events using (event_id)
        where events.event_as_written = 'message.user' and messages.role = 'user'
        """
    )
    assert mapped == as_users > 0


def test_every_outcome_leads_to_a_line_in_a_file(warehouse):
    rows = warehouse.ask(
        """
        select sessions.session_id, files.path, events.line_number, events.event_id
        from marts.fct_sessions as sessions
        inner join staging.base_events as events on sessions.outcome_evidence_event_id = events.event_id
        inner join raw.source_files as files on events.source_file_id = files.source_file_id
        """
    )
    [(sessions,)] = warehouse.ask("select count(*) from marts.fct_sessions")
    lines = {path.name: raw_lines(path) for path in warehouse.logs.glob("*.jsonl*")}
    assert len(rows) == sessions
    for session_id, path, line_number, event_id in rows:
        event = json.loads(lines[Path(path).name][line_number - 1])
        assert (event["event_id"], event["session_id"]) == (event_id, session_id)
