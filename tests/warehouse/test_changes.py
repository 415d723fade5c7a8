"""The table "What to run" of docs/incremental.md: what a change of the project needs, and what it reads."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import AS_OF, CLEAN_ENVIRONMENT
from tests.warehouse.dbt_forks import DbtForks, Finished
from tests.warehouse.edited import AFTER_PRUNING, BASE, COLUMNS, CONTRACT, RULES, Edits, copy_project, edit
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
    event("session.rating", 9, "2026-10-01T10:06:00Z", **OLD, score=3),
]
LATE_LINE = event("session.escalate", 10, "2026-10-01T10:09:00Z", **OLD, reason="asked", severity="high")
LATER_LINES = [
    event("session.start", 6, "2026-10-15T10:00:00Z", **NEW, channel="web"),
    event("session.message", 7, "2026-10-15T10:00:00Z", **NEW, role="user", message_length=9),
    event("ticket.created", 8, "2026-10-15T10:05:00Z", ticket_id="new-ticket", **TICKET, mood="angry"),
]
TESTS = ("test", "unit_test")
#: What the docs call "by hand".
BY_HAND = """
    alter table marts.fct_sessions drop column first_ai_response_time_ms cascade;
    alter table staging.base_event_lines add column role text;
    update staging.base_event_lines set role = payload ->> 'role'
"""


@dataclass
class Changes:
    """A warehouse through all changes, one after the other. seen: what it held after each."""

    warehouse: Retained
    seen: dict[str, Any] = field(default_factory=dict)

    def dbt_build(self, *arguments: str, as_of: str = AS_OF, left_out: Iterable[str] = TESTS) -> Finished:
        """``dbt build`` as the docs say, but for what is left out.

        The unit tests are the cases of the rules as they were, and the data tests take as long as the models.
        """
        excluded = (argument for kind in left_out for argument in ("--exclude-resource-type", kind))
        return self.warehouse.run(as_of, *excluded, *arguments, command="build")

    def build(self, *arguments: str, as_of: str = AS_OF, left_out: Iterable[str] = TESTS) -> None:
        built = self.dbt_build(*arguments, as_of=as_of, left_out=left_out)
        assert built.code == 0, built.output

    def look(self, moment: str) -> None:
        ask = self.warehouse.ask
        self.seen[moment] = {
            "sessions": ask(
                "select outcome, session_date::text, last_rating_score, human_cost_per_contact_amount"
                " from marts.fct_sessions where session_id = 'old'"
            ),
            "days": ask("select session_date::text, sessions_count from marts.ai_resolution_daily"),
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
def folder(tmp_path_factory) -> Path:
    """One folder for all runs, as people have it: dbt parses again what a change concerns."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def change(server, folder, tmp_path_factory) -> Iterator[Callable[[Changes, Edits], None]]:
    """``change(changes, edits)``: the next builds are of a project with these edits too."""
    project = tmp_path_factory.mktemp("changed") / "project"
    copy_project(project)
    with ExitStack() as stack:

        def edited(changes: Changes, edits: Edits) -> None:
            edit(project, edits)
            dbt = DbtForks(project, folder, CLEAN_ENVIRONMENT | {"DATABASE_URL": server.url})
            stack.callback(dbt.close)
            changes.warehouse = Retained(changes.warehouse.url, dbt, folder)

        yield edited


@pytest.fixture(scope="module")
def changes(forks, folder, change, built_template, new_database) -> Iterator[Changes]:
    """Other rules, parameters and contracts."""
    with new_database(built_template) as url:
        made = Changes(Retained(url, forks, folder))
        made.warehouse.load("old", LINES, FIRST_DAY)
        made.build()
        # A copy has statistics of its own: what is read in it is what was read since.
        with made.warehouse.copy("changed") as made.warehouse:
            made.look("before")
            change(made, RULES + CONTRACT)
            made.build()
            made.look("rules")
            made.seen["changes by rules"] = changes_of(made)
            see_rows(made)
            yield made


@pytest.fixture(scope="module")
def columns(changes, change) -> Changes:
    """After that other columns, before and after a pruning."""
    made = Changes(changes.warehouse)
    change(made, COLUMNS)
    made.seen["ledger"] = made.dbt_build("--select", "int_tickets_touched")
    made.build("--full-refresh", "--select", "fct_sessions", "int_tickets_touched")
    made.build()
    made.look("columns")
    made.seen["in increments"] = made.warehouse.models()
    with made.warehouse.copy("built_anew") as anew:
        Changes(anew).build("--full-refresh")
        made.seen["anew"] = anew.models()
        made.seen["lines of raw read anew"] = lines_read(anew)
    made.warehouse.load("late", [LATE_LINE], FIRST_DAY)
    made.build()
    made.seen["changes by a late event"] = changes_of(made)
    change(made, BASE)
    made.seen["base"] = made.dbt_build("--select", "base_event_lines")
    made.build("--full-refresh")
    made.seen["channels"] = made.warehouse.ask("select distinct channel from staging.base_event_lines")
    see_pruning(made)
    change(made, AFTER_PRUNING)
    made.seen["refused"] = made.dbt_build("--full-refresh", "--select", "fct_sessions", as_of=LATER)
    made.warehouse.ask(BY_HAND)
    # With the data tests, after all that has been changed.
    made.build(as_of=LATER, left_out=["unit_test"])
    see_rows_after_pruning(made)
    return made


def changes_of(changes: Changes) -> list[tuple[Any, ...]]:
    """What the last build changed."""
    return changes.warehouse.ask(
        "select calendar_date::text, figure, old_value, new_value, new_events_count, reason from marts.mart_changes"
        " where changed_by_build_id = (select max(build_id) from staging.builds)"
        " and figure in ('sessions_count', 'escalated_sessions_count', 'cost_saving_amount')"
        " order by calendar_date, figure"
    )


def see_rows(changes: Changes) -> None:
    ask = changes.warehouse.ask
    changes.seen["questions"] = ask("select session_id, questions_count from intermediate.int_sessions_questioned")
    changes.seen["queries"] = ask("select order_queries_count from marts.query_success_monthly")
    changes.seen["moods"] = ask("select ticket_id, mood from marts.fct_tickets")


def see_pruning(changes: Changes) -> None:
    changes.warehouse.load("new", LATER_LINES, SECOND_DAY)
    changes.build(as_of=LATER)
    changes.warehouse.prune(CUTOFF)
    changes.build(as_of=LATER)


def see_rows_after_pruning(changes: Changes) -> None:
    ask = changes.warehouse.ask
    changes.seen["moods after pruning"] = ask(
        "select ticket_id, mood, mood_again from marts.fct_tickets order by ticket_id"
    )
    changes.seen["sessions after pruning"] = ask(
        "select session_id, to_jsonb(sessions) ? 'first_ai_response_time_ms'"
        " from marts.fct_sessions as sessions order by session_id"
    )
    changes.seen["lines after pruning"] = ask(
        "select event, channel, role from staging.base_event_lines order by event_id"
    )


def session(changes: Changes, moment: str) -> dict[str, Any]:
    [values] = changes.seen[moment]["sessions"]
    return dict(zip(("outcome", "date", "rating", "cost"), values, strict=True))


def test_a_changed_rule_changes_the_facts_without_reading_raw(changes):
    assert [session(changes, moment)["outcome"] for moment in ("before", "rules")] == ["assumed_resolved", "unanswered"]
    assert changes.seen["rules"]["lines of raw read"] == 0


def test_a_new_incremental_model_is_filled_wholly_by_its_first_build(changes):
    assert changes.seen["questions"] == [("old", 1)]


def test_a_changed_macro_changes_the_facts_and_moves_the_days(changes):
    assert [session(changes, moment)["date"] for moment in ("before", "rules")] == ["2026-10-01", "2026-10-02"]
    assert [changes.seen[moment]["days"] for moment in ("before", "rules")] == [
        [("2026-10-01", 1)],
        [("2026-10-02", 1)],
    ]


def test_a_changed_parameter_changes_the_facts(changes):
    assert [session(changes, moment)["cost"] for moment in ("before", "rules")] == [Decimal("10"), Decimal("12.5")]


def test_an_event_and_a_field_that_the_contract_learns_are_read_from_the_lines_that_are_there(changes):
    assert changes.seen["queries"] == [(1,)]
    assert changes.seen["moods"] == [("old-ticket", "calm")]
    assert changes.seen["rules"]["lines of raw read"] == 0


def test_a_field_that_becomes_required_leaves_out_the_events_without_it(changes):
    assert [session(changes, moment)["rating"] for moment in ("before", "rules")] == [3, None]


@pytest.mark.long
def test_a_new_column_of_a_ledger_needs_a_full_refresh_of_the_ledger_alone(columns):
    assert columns.seen["ledger"].code == 1
    assert "int_tickets_touched" in columns.seen["ledger"].output
    assert "out of sync" in columns.seen["ledger"].output
    assert columns.seen["columns"]["lines of raw read"] == 0


@pytest.mark.long
def test_all_changes_together_give_the_rows_of_a_full_refresh(columns):
    assert differences(columns.seen["in increments"], columns.seen["anew"]) == []
    [row] = columns.seen["anew"]["marts.fct_sessions"]
    assert "reported_duration_seconds" in row
    assert "end_reason" not in row
    # A full refresh reads raw, and the statistics tell.
    assert columns.seen["lines of raw read anew"] >= len(LINES)


@pytest.mark.long
def test_a_new_column_of_the_base_table_needs_a_full_refresh(columns):
    assert columns.seen["base"].code == 1
    assert "out of sync" in columns.seen["base"].output
    assert set(columns.seen["channels"]) == {("web",), (None,)}


@pytest.mark.long
def test_a_column_that_is_added_after_a_pruning_is_null_where_the_details_are_gone(columns):
    assert columns.seen["moods after pruning"] == [("new-ticket", "angry", "angry"), ("old-ticket", "calm", None)]


@pytest.mark.long
def test_a_column_is_removed_by_hand_after_a_pruning(columns):
    assert columns.seen["refused"].code == 1
    assert "--full-refresh would lose it in fct_sessions" in columns.seen["refused"].output
    assert columns.seen["sessions after pruning"] == [("new", False), ("old", False)]


@pytest.mark.long
def test_a_column_of_the_base_table_is_added_by_hand_after_a_pruning(columns):
    assert columns.seen["lines after pruning"] == [
        ("session.start", "web", None),
        ("session.message", None, "user"),
        ("ticket.created", None, None),
    ]


def test_a_changed_day_says_what_changed_it(changes):
    """The macro moves the session to the next day, on which it is new; the old day lost it, and what it had saved."""
    day, why = "2026-10-01", (0, "parameters, rules")
    assert changes.seen["changes by rules"] == [
        (day, "cost_saving_amount", 10, None, *why),
        (day, "escalated_sessions_count", 0, None, *why),
        (day, "sessions_count", 1, None, *why),
    ]


@pytest.mark.long
def test_a_day_that_a_late_event_changed_says_so(columns):
    day, why = "2026-10-02", (1, "new events")
    assert columns.seen["changes by a late event"] == [
        (day, "cost_saving_amount", Decimal("12.5"), 0, *why),
        (day, "escalated_sessions_count", 0, 1, *why),
    ]
