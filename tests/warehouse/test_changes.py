"""The table "What to run" of docs/incremental.md: what a change of the project needs, and what it reads."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import AS_OF, CLEAN_ENVIRONMENT, ROOT
from tests.warehouse.dbt_forks import DbtForks
from tests.warehouse.retained import Retained, differences, event

FIRST_DAY, CUTOFF, SECOND_DAY, LATER = date(2026, 10, 2), date(2026, 10, 10), date(2026, 10, 20), "2026-10-21T00:00:00Z"
OLD, NEW = {"session_id": "old"}, {"session_id": "new"}
TICKET = {"source": "chat", "type": "refund", "priority": "normal"}
LINES = [
    event("session.start", 1, "2026-10-01T10:00:00Z", **OLD, channel="web"),
    event("session.message", 2, "2026-10-01T10:00:00Z", **OLD, role="user", message_length=9),
    event("session.message", 3, "2026-10-01T10:01:00Z", **OLD, role="ai", message_length=9),
    event(
        "order.lookup", 4, "2026-10-01T10:01:00Z", **OLD, order_number="1", site="cn", success=True, response_time_ms=5
    ),
    event("ticket.created", 5, "2026-10-01T10:05:00Z", ticket_id="old-ticket", **TICKET, mood="calm"),
]
LATER_LINES = [
    event("session.start", 6, "2026-10-15T10:00:00Z", **NEW, channel="web"),
    event("session.message", 7, "2026-10-15T10:00:00Z", **NEW, role="user", message_length=9),
    event("ticket.created", 8, "2026-10-15T10:05:00Z", ticket_id="new-ticket", **TICKET, mood="angry"),
]
NEW_MODEL = """-- grain: one row per tenant and session with a question
with

session_messages as (
    select * from {{ ref('stg_ai_chatbot__session_messages') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

final as (
    select tenant_id, session_id, count(*) as questions_count
    from session_messages
    where role = 'user'
    group by tenant_id, session_id
)

select * from final
"""
#: File, text in it, and what takes its place; no text for a new file.
Edits = list[tuple[str, str, str]]
OUTCOMES = "models/intermediate/sessions/int_session_outcomes_decided.sql"
TICKETS, TICKETS_YML = "models/marts/tickets/fct_tickets.sql", "models/marts/tickets/_tickets__models.yml"
RULE: Edits = [
    (OUTCOMES, "else 'assumed_resolved'", "else 'abandoned'"),
    ("models/intermediate/sessions/incremental/int_sessions_questioned.sql", "", NEW_MODEL),
]
MACRO: Edits = [
    (
        "dbt_project/macros/time.sql",
        "cast(({{ at }} at time zone {{ timezone }}) as date)",
        "(cast(({{ at }} at time zone {{ timezone }}) as date) + 1)",
    )
]
CONTRACT: Edits = [
    ("seeds/contract/event_aliases.csv", "field,value\n", "field,value\norder.lookup,query.order,,\n"),
    ("seeds/contract/event_fields.csv", "ticket.created,", "ticket.created,mood,string,false,\nticket.created,"),
    (
        "models/staging/ticketing/stg_ticketing__tickets.sql",
        "        session_id,\n",
        "        session_id,\n        {{ json_text('payload', 'mood') }} as mood,\n",
    ),
    (TICKETS, "        tickets.session_id,\n", "        tickets.session_id,\n        tickets.mood,\n"),
    (TICKETS, "        is_sla_met_reported,\n\n", "        is_sla_met_reported,\n        mood,\n\n"),
    (TICKETS_YML, "      - name: status\n", "      - name: mood\n        data_type: text\n      - name: status\n"),
]
AFTER_PRUNING: Edits = [
    (TICKETS, "        mood,\n\n", "        mood,\n        mood as mood_again,\n\n"),
    (TICKETS_YML, "      - name: mood\n", "      - name: mood_again\n        data_type: text\n      - name: mood\n"),
]


@dataclass
class Changes:
    """A warehouse through all changes, one after the other. seen: what it held after each."""

    warehouse: Retained
    seen: dict[str, Any] = field(default_factory=dict)

    def look(self, moment: str) -> None:
        ask = self.warehouse.ask
        self.seen[moment] = {
            "sessions": ask("select session_id, outcome, session_date from marts.fct_sessions order by session_id"),
            "days": ask("select session_date, sessions_count from marts.ai_resolution_daily order by session_date"),
            "lines of raw read": lines_read(self.warehouse),
        }


def lines_read(warehouse: Retained) -> int:
    """Lines of raw.events that this database has read since it was made."""
    [(lines,)] = warehouse.ask(
        "select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint from pg_stat_user_tables"
        " where schemaname = 'raw' and starts_with(relname, 'events')"
    )
    return lines


@pytest.fixture(scope="module")
def changes(server, new_database, tmp_path_factory) -> Iterator[Changes]:
    with ExitStack() as stack:

        def warehouse_of(project: Path, url: str) -> Retained:
            folder = tmp_path_factory.mktemp("run")
            dbt = DbtForks(project, folder, CLEAN_ENVIRONMENT | {"DATABASE_URL": server.url})
            stack.callback(dbt.close)
            return Retained(url, dbt, folder)

        project = tmp_path_factory.mktemp("changed") / "project"
        first = warehouse_of(ROOT, stack.enter_context(new_database()))
        first.run(AS_OF, command="seed")
        first.load("old", LINES, FIRST_DAY)
        first.build(AS_OF)
        # A copy has statistics of its own: what is read in it is what was read since.
        made = Changes(stack.enter_context(first.copy("changed")))
        url = made.warehouse.url
        made.look("before")
        copy_project(project)
        for name, edits in (("rule", RULE), ("macro", MACRO)):
            change(project, edits)
            made.warehouse = warehouse_of(project, url)
            made.warehouse.build(AS_OF)
            made.look(name)
        made.seen["questions"] = made.warehouse.ask(
            "select session_id, questions_count from intermediate.int_sessions_questioned"
        )
        change(project, CONTRACT)
        made.warehouse = warehouse_of(project, url)
        made.warehouse.run(AS_OF, command="seed")
        made.warehouse.build(AS_OF)
        made.look("contract")
        made.seen["queries"] = made.warehouse.ask("select order_queries_count from marts.query_success_monthly")
        made.seen["moods"] = made.warehouse.ask("select ticket_id, mood from marts.fct_tickets")
        made.seen["in increments"] = made.warehouse.marts()
        with made.warehouse.copy("built_anew") as anew:
            anew.build(AS_OF, "--full-refresh")
            made.seen["anew"] = anew.marts()
            made.seen["lines of raw read anew"] = lines_read(anew)
        made.warehouse.load("new", LATER_LINES, SECOND_DAY)
        made.warehouse.build(LATER)
        made.warehouse.prune(CUTOFF)
        made.warehouse.build(LATER)
        change(project, AFTER_PRUNING)
        made.warehouse = warehouse_of(project, url)
        made.warehouse.build(LATER)
        made.seen["moods after pruning"] = made.warehouse.ask(
            "select ticket_id, mood, mood_again from marts.fct_tickets order by ticket_id"
        )
        yield made


def copy_project(project: Path) -> None:
    for part in ("models", "seeds", "dbt_project"):
        shutil.copytree(ROOT / part, project / part)
    for part in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / part, project / part)


def change(project: Path, edits: Edits) -> None:
    for name, old, new in edits:
        file = project / name
        text = file.read_text() if old else ""
        assert old in text, f"{name} is not what the test changes"
        file.write_text(text.replace(old, new, 1) if old else new)


def outcomes(changes: Changes, moment: str) -> list[tuple[str, str, str]]:
    return [(session, outcome, str(day)) for session, outcome, day in changes.seen[moment]["sessions"]]


def test_a_changed_rule_changes_the_facts_without_reading_raw(changes):
    assert outcomes(changes, "before") == [("old", "assumed_resolved", "2026-10-01")]
    assert outcomes(changes, "rule") == [("old", "abandoned", "2026-10-01")]
    assert changes.seen["rule"]["lines of raw read"] == 0


def test_a_new_incremental_model_is_filled_wholly_by_its_first_build(changes):
    assert changes.seen["questions"] == [("old", 1)]


def test_a_changed_macro_changes_the_facts_and_moves_the_days(changes):
    assert outcomes(changes, "macro") == [("old", "abandoned", "2026-10-02")]
    assert [(str(day), count) for day, count in changes.seen["macro"]["days"]] == [("2026-10-02", 1)]
    assert changes.seen["macro"]["lines of raw read"] == 0


def test_an_event_and_a_field_that_the_contract_learns_are_read_from_the_lines_that_are_there(changes):
    assert changes.seen["queries"] == [(1,)]
    assert changes.seen["moods"] == [("old-ticket", "calm")]
    assert changes.seen["contract"]["lines of raw read"] == 0


def test_all_changes_together_give_the_rows_of_a_full_refresh(changes):
    assert differences(changes.seen["in increments"], changes.seen["anew"]) == []
    # A full refresh reads raw, and the statistics tell.
    assert changes.seen["lines of raw read anew"] >= len(LINES)


def test_a_column_that_is_added_after_a_pruning_is_null_where_the_details_are_gone(changes):
    assert changes.seen["moods after pruning"] == [("new-ticket", "angry", "angry"), ("old-ticket", "calm", None)]
