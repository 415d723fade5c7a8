"""After pruning: rows stay, details go, late events are refused, and nothing loses history in silence."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from loader.errors import PruneError
from tests.conftest import ROOT
from tests.warehouse.retained import Retained, differences, event

FIRST_DAY, CUTOFF, LATER_DAY, LAST_CUTOFF = date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 20), date(2027, 6, 30)
BEFORE, AFTER, LAST = "2027-01-02T00:00:00Z", "2027-03-05T00:00:00Z", "2027-07-01T00:00:00Z"
WORD, LATE_WORD = "word-of-a-pruned-session", "word-that-came-late"
#: What is kept of a session: its report, what its days are summed from, and that a ticket came of it.
KEPT_OF_A_SESSION = {
    "marts.fct_agent_handlings",
    "marts.fct_quality_audits",
    "marts.fct_sessions",
    "marts.fct_session_returns",
    "marts.fct_tickets",
    "marts.fct_ticket_history",
    "marts.fct_ticket_sla_segments",
    "intermediate.int_session_handlings_summed_daily",
    "intermediate.int_session_operations_listed",
    "intermediate.int_session_response_times_counted",
    "intermediate.int_session_token_usages_summed_daily",
}


@dataclass
class History:
    """One warehouse that was pruned and one that was not, with the same loads; seen: what there was on the way."""

    pruned: Retained
    whole: Retained
    seen: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def history(told, forks_with, new_database, tmp_path_factory) -> Iterator[History]:
    folder, dbt, lines = tmp_path_factory.mktemp("retained"), forks_with(ROOT), told[0].lines
    with ExitStack() as stack:
        pruned = Retained(stack.enter_context(new_database()), dbt, folder)
        assert dbt.run(pruned.url, "seed").code == 0
        pruned.load("old", [*lines, *MARKED, *AUDITED[:3], b'{"broken": "' + WORD.encode(), *SPANNING[:1]], FIRST_DAY)
        pruned.load("at the edge", [*JUST_OPEN, *SPANNING[1:]], CUTOFF - timedelta(days=1))
        pruned.load("after it", SPANNING[1:] + AUDITED[3:], CUTOFF)
        with pytest.raises(PruneError) as unbuilt:
            pruned.prune(CUTOFF)
        pruned.build(BEFORE)
        made = History(pruned, stack.enter_context(pruned.copy("never_pruned")), {"unbuilt": str(unbuilt.value)})
        play(made, lines)
        yield made


@pytest.fixture(scope="module")
def last(history) -> dict[str, Any]:
    """The marts of both after a second pruning of the one, and what it left of the lines."""
    for warehouse in (history.whole, history.pruned):
        warehouse.build(LAST)
    history.pruned.prune(LAST_CUTOFF)
    # By night, and with nothing new: a model without a touched key is no reason to put a pruning off.
    history.pruned.build(LAST, "--selector", "nightly")
    return {
        "pruned": history.pruned.marts(),
        "never pruned": history.whole.marts(),
        "lines": history.pruned.ask("select count(*) from staging.base_event_lines"),
    }


def play(history: History, old_lines: Iterable[bytes]) -> None:
    pruned, whole, seen = history.pruned, history.whole, history.seen
    seen["marts before"], seen["word before"] = pruned.marts(), pruned.where_found(WORD)
    seen["pruning"] = pruned.prune(CUTOFF)
    pruned.build(BEFORE, "--select", "base_event_lines")
    seen["word after a build of one model"] = pruned.where_found(WORD)
    seen["killed"] = pruned.run(BEFORE, kill_after=60).code
    seen["word after a killed build"] = pruned.where_found(WORD)
    pruned.build(BEFORE)
    seen["marts after"], seen["word after"] = pruned.marts(), pruned.where_found(WORD)
    seen["session after"] = pruned.where_found("marked-session")
    seen["facts after"] = pruned.ask("select session_id, count(*) from marts.fct_session_messages group by session_id")
    seen["cases after"] = pruned.ask("select session_id, count(*) from staging.base_events group by session_id")
    seen["tickets after"] = pruned.ask("select ticket_id, count(*) from staging.base_events group by ticket_id")
    for warehouse in (pruned, whole):
        warehouse.load("later", renamed(old_lines, days=110), LATER_DAY)
        warehouse.build(AFTER)
    seen["marts later"], seen["marts later, never pruned"] = pruned.marts(), whole.marts()
    pruned.load("late", [*LATE, LATE_TICKET], LATER_DAY)
    for warehouse in (pruned, whole):
        warehouse.load("reply", [LATE_REPLY], LATER_DAY)
    pruned.build(AFTER)
    seen["marts with latecomers"], seen["late word"] = pruned.marts(), pruned.where_found(LATE_WORD)
    seen["refused"] = pruned.ask("select reason, count(*) from staging.stg_pipeline__dead_letters group by reason")
    seen["not refused"] = pruned.ask("select ticket_id from staging.base_events where event_id = 'marked-session-30'")
    seen["full refresh"] = pruned.run(AFTER, "--full-refresh")
    allowed = [model for model in pruned.dbt.models if model.meta.keys() & {"pruned_with", "is_whole_after_pruning"}]
    seen["allowed"] = pruned.models(allowed)
    # With the view that stands between two of them, which goes with the table below it.
    anew = [*(model.name for model in allowed), "int_sessions_dated"]
    seen["anew"] = pruned.run(AFTER, "--full-refresh", "--select", *anew)
    seen["allowed anew"] = pruned.models(allowed)
    # What was built anew has taken the views on it along.
    pruned.build(AFTER)
    seen["in the past"] = pruned.run("2026-12-30T23:59:59Z")
    seen["marts after refusals"] = pruned.marts()
    pruned.build(AFTER, rejecting_rating_max=4, confirming_rating_min=5)
    seen["marts of other rules"] = pruned.marts()


S = {"session_id": "marked-session"}
TICKET = {"source": "chat", "type": "refund", "priority": "normal"}
MARKED = [
    event("session.start", 1, "2026-10-01T10:00:00Z", **S, channel="web", user_agent=WORD),
    event("session.message", 2, "2026-10-01T10:01:00Z", **S, role="user", message_length=9, text=WORD),
    event("session.message", 13, "2026-10-01T10:01:30Z", **S, role="ai", message_length=9, response_time_ms=700),
    event(
        "query.order", 3, "2026-10-01T10:02:00Z", **S, order_number=WORD, site="cn", success=True, response_time_ms=5
    ),
    event("ai.token_usage", 4, "2026-10-01T10:02:00Z", **S, model="m", prompt_tokens=9, completion_tokens=5, note=WORD),
    event("agent.session_takeover", 5, "2026-10-01T10:03:00Z", **S, agent_id="marked-agent"),
    event("session.rating", 6, "2026-10-01T10:04:00Z", **S, score=3),
    event("ticket.created", 7, "2026-10-01T10:05:00Z", **S, ticket_id="marked-ticket", **TICKET, note=WORD),
    event("quality.audit_created", 11, "2026-10-01T19:00:00Z", **S, audit_id="gone", score=70, auditor="auto"),
    event("quality.audit_reviewed", 12, "2026-10-01T20:00:00Z", audit_id="gone", reviewer_id=WORD, final_score=75),
    event("agent.login", 8, "2026-10-01T09:00:00Z", agent_id="marked-agent", agent_name=WORD),
    event("agent.logout", 9, "2026-10-01T18:00:00Z", agent_id="marked-agent", note=WORD),
    event("hub.contact_created", 31, "2026-10-01T17:00:00Z", contact_id=WORD, note=WORD),
    event("hub.contact_promoted", 32, "2026-10-01T19:00:00Z", contact_id=WORD, k_code="K1"),
    event(
        "hub.message", 33, "2026-10-01T17:00:00Z", thread_id="marked-thread", contact_id=WORD, speaker="them", note=WORD
    ),
    event("hub.trigger_used", 10, "2026-10-01T18:00:00Z", trigger_id="t", thread_id="marked-thread", note=WORD),
]
# Silent since half an hour before the cutoff: open at that moment.
JUST_OPEN = [
    event("session.start", 1, "2026-12-30T23:30:00Z", session_id="just-open", channel="web"),
    event("session.message", 2, "2026-12-30T23:30:00Z", session_id="just-open", role="user", message_length=9),
]
# A ticket that was old at the cutoff, but for a line that was loaded since.
SPANNING = [
    event("ticket.created", 1, "2026-10-01T10:00:00Z", ticket_id="spanning-ticket", **TICKET),
    event("ticket.closed", 2, "2026-10-02T10:00:00Z", ticket_id="spanning-ticket"),
]
# A session of which a line came later, so that it has all of its events, its audit and its review.
AUDITED = [
    event("session.start", 1, "2026-10-01T10:00:00Z", session_id="audited", channel="web"),
    event("quality.audit_created", 2, "2026-10-01T11:00:00Z", session_id="audited", audit_id="kept", score=80),
    event("quality.audit_reviewed", 3, "2026-10-01T12:00:00Z", audit_id="kept", reviewer_id="r", final_score=90),
    event("session.rating", 4, "2026-10-01T13:00:00Z", session_id="audited", score=3),
]
LATE_REPLY = event(
    "ticket.replied", 3, "2026-10-01T15:00:00Z", ticket_id="spanning-ticket", author="agent", is_public=True
)
LATE = [
    event("session.rating", 20, "2027-01-19T10:00:00Z", **S, score=1, note=LATE_WORD),
    event("session.message", 2, "2026-10-01T10:01:00Z", **S, role="user", message_length=9),
    event("ticket.closed", 21, "2027-01-19T10:00:00Z", ticket_id="marked-ticket"),
    event("agent.login", 22, "2026-10-01T12:00:00Z", agent_id="marked-agent", agent_name="n"),
    event("hub.trigger_used", 23, "2026-10-01T18:00:00Z", trigger_id="t", thread_id="marked-thread", note=LATE_WORD),
    event("hub.contact_blocked", 34, "2027-01-19T10:00:00Z", contact_id=WORD),
]
# It is about a session that is pruned, and belongs to a ticket that is not.
LATE_TICKET = event("ticket.created", 30, "2027-01-19T10:00:00Z", **S, ticket_id="late-ticket", **TICKET)


RENAMED = ("event_id", "session_id", "ticket_id", "audit_id", "thread_id", "contact_id")


def renamed(lines: Iterable[bytes], days: int) -> list[bytes]:
    """The same lines as those of other sessions, tickets and audits so many days later, of the same agents."""
    found = []
    for line in lines:
        try:
            read = json.loads(line)
            at = datetime.fromisoformat(read["timestamp"]) + timedelta(days=days)
            read |= {name: f"new-{read[name]}" for name in RENAMED if name in read}
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
        if "event_id" in read and f"{at:%Y-%m}" < "2027-03":
            found.append(json.dumps(read | {"timestamp": at.isoformat()}).encode())
    return found


def settled(marts: dict[str, Counter[str]], *left_out: str) -> dict[str, Counter[str]]:
    """Without what follows "now" while a ticket is open: its clocks and periods, and the days that count them."""
    tickets = [json.loads(row) for row in marts["fct_tickets"]]
    going = {(row["tenant_id"], row["ticket_id"]) for row in tickets if row["status"] not in ("solved", "closed")}
    found = {name: rows for name, rows in marts.items() if name not in ("ticket_sla_daily", *left_out)}
    for name in ("fct_tickets", "fct_ticket_history", "fct_ticket_sla", "fct_ticket_sla_segments"):
        read = {row: json.loads(row) for row in marts[name]}
        found[name] = Counter(
            {row: marts[name][row] for row, it in read.items() if (it["tenant_id"], it["ticket_id"]) not in going}
        )
    return found


def rows_about(marts: dict[str, Counter[str]], word: str) -> dict[str, list[str]]:
    return {name: found for name, rows in marts.items() if (found := sorted(row for row in rows if word in row))}


def test_what_is_not_built_is_not_pruned(history):
    assert history.seen["unbuilt"].endswith("next: run: dbt build")


def test_pruning_changes_no_row_of_any_mart(history):
    # The third day is the one of the test itself: the loads were moved from it.
    assert (history.seen["pruning"].partitions, history.seen["pruning"].dead_letters > 0) == (3, True)
    assert sum(map(len, history.seen["marts before"].values())) > 100
    assert differences(history.seen["marts before"], history.seen["marts after"]) == []


def test_no_table_holds_a_detail_of_a_pruned_case(history):
    assert {"raw.events", "raw.dead_letters", "staging.base_event_lines"} < history.seen["word before"]
    assert history.seen["word after"] == set()
    assert history.seen["session after"] == KEPT_OF_A_SESSION


def test_the_facts_of_a_pruned_case_go_with_its_events(history):
    facts = dict(history.seen["facts after"])
    assert (facts.get("just-open"), facts.get("marked-session")) == (1, None)


def test_details_stay_until_a_build_of_all_models_succeeds(history):
    assert history.seen["killed"] == -9
    for moment in ("word after a build of one model", "word after a killed build"):
        assert "staging.base_event_lines" in history.seen[moment]


def test_a_case_keeps_all_of_its_events_or_none(history):
    sessions, tickets = dict(history.seen["cases after"]), dict(history.seen["tickets after"])
    assert (sessions.get("just-open"), sessions.get("marked-session")) == (2, None)
    assert (tickets.get("spanning-ticket"), tickets.get("marked-ticket")) == (2, None)


def test_what_comes_after_a_pruning_gives_the_rows_of_a_warehouse_that_was_never_pruned(history):
    assert differences(history.seen["marts after"], history.seen["marts later"])
    later, never_pruned = settled(history.seen["marts later"]), settled(history.seen["marts later, never pruned"])
    assert differences(later, never_pruned) == []
    # The others stay as they were when their lines went.
    assert later["fct_tickets"].total() < history.seen["marts later"]["fct_tickets"].total()


def test_late_events_of_pruned_cases_are_refused_and_counted(history):
    assert dict(history.seen["refused"])["beyond_retention"] == len(LATE)
    before, after = history.seen["marts later"], history.seen["marts with latecomers"]
    for word in ("marked-session", "marked-agent", "marked-ticket"):
        kept = {
            name: [row for row in rows if "late-ticket" not in row] for name, rows in rows_about(after, word).items()
        }
        assert kept == rows_about(before, word) != {}
    [row] = rows_about(after, "/late.jsonl")["ingest_reconciliation"]
    found = json.loads(row)
    counts = {
        name: found[f"{name}_lines_count"] for name in ("read", "loaded", "rejected", "beyond_retention", "pending")
    }
    assert counts == {
        "read": len(LATE) + 1, "loaded": 1, "rejected": len(LATE), "beyond_retention": len(LATE), "pending": 0
    }  # fmt: skip


def test_a_refused_line_leaves_its_details_in_raw_alone(history):
    assert history.seen["late word"] == {"raw.events", f"raw.events_{LATER_DAY:%Y%m%d}"}


def test_a_late_event_of_a_living_case_may_name_a_pruned_one(history):
    assert history.seen["not refused"] == [("late-ticket",)]


@pytest.mark.long
def test_a_second_pruning_goes_on_where_the_first_one_ended(last):
    assert last["lines"] == [(0,)]
    pruned, whole = last["pruned"], last["never pruned"]
    # The latecomers came to one of the two alone; files have other numbers where others came before.
    del pruned["ingest_lag_daily"], whole["ingest_lag_daily"]
    for of_latecomers in ("late-ticket", "/late.jsonl", "/reply.jsonl"):
        for marts in (pruned, whole):
            for name, rows in rows_about(marts, of_latecomers).items():
                marts[name] -= Counter(rows)
    assert differences(settled(pruned, "ticket_backlog_daily"), settled(whole, "ticket_backlog_daily")) == []


def test_audits_keep_their_reviews_or_their_rows(history):
    """The session `audited` keeps its events, so its audit is computed anew; of `gone` the row alone is left."""
    for moment in ("marts after", "marts later", "marts of other rules"):
        audits = map(json.loads, history.seen[moment]["fct_quality_audits"])
        found = {audit["audit_id"]: audit["score_delta"] for audit in audits}
        assert (found["kept"], found["gone"]) == (10, 5)


def test_a_full_refresh_that_would_shrink_history_is_refused(history):
    refused = history.seen["full refresh"]
    assert refused.code == 1
    assert (
        "What was loaded before 2026-12-31 is pruned: --full-refresh would lose it in base_event_lines"
        in refused.output
    )
    assert "fct_sessions, fct_thread_statuses, fct_threads, fct_ticket_history, fct_ticket_sla, " in refused.output
    assert differences(history.seen["marts with latecomers"], history.seen["marts after refusals"]) == []


def test_what_a_full_refresh_may_build_anew_after_a_pruning_keeps_its_rows(history):
    assert history.seen["anew"].code == 0, history.seen["anew"].output
    found = differences(history.seen["allowed"], history.seen["allowed anew"])
    assert not found, "\n".join(found)
    assert len(history.seen["allowed"]) > 20
    [ticket] = rows_about(history.seen["allowed"], "spanning-ticket")["intermediate.int_tickets_worked"]
    # The reply came late, and is from before the cutoff.
    assert json.loads(ticket)["first_response_at"] == "2026-10-01T15:00:00+00:00"


def test_the_time_before_the_cutoff_cannot_be_reported_anew(history):
    refused = history.seen["in the past"]
    assert refused.code == 1
    assert "Details from before 2026-12-31 are pruned" in refused.output


def test_a_changed_rule_leaves_the_rows_of_pruned_cases_alone(history):
    before, after = history.seen["marts after refusals"], history.seen["marts of other rules"]
    changed = (before["fct_sessions"] - after["fct_sessions"]).elements()
    assert {json.loads(row)["session_id"].startswith("new-") for row in changed} == {True}
    assert rows_about(before, "marked-session") == rows_about(after, "marked-session")
    assert before["dim_tenants"] == after["dim_tenants"]
