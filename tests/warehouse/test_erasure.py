"""After an erasure: the person is nowhere, everything else is as if they had never been, and they do not come back."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from loader.erase_search import Subject
from loader.person import Person
from tests.conftest import AS_OF, ROOT
from tests.warehouse import engines
from tests.warehouse.canary import Canary
from tests.warehouse.retained import PLACES, Retained, differences, event

DAY, CUTOFF, LATER = date(2026, 8, 1), date(2026, 10, 30), date(2026, 10, 31)
WORD = "word-of-an-erased-customer"
#: Some of the simulated world, who share days, agents and files with others.
SIMULATED = 3

S = {"session_id": "erased-session"}
TICKET = {"source": "chat", "type": "refund", "priority": "normal"}
MARKED = [
    event("session.start", 1, "2026-10-01T10:00:00Z", **S, channel="web", customer_id=WORD, user_agent=WORD),
    event("session.message", 2, "2026-10-01T10:01:00Z", **S, role="user", message_length=9, text=WORD),
    event("ai.token_usage", 3, "2026-10-01T10:02:00Z", **S, model="m", prompt_tokens=9, completion_tokens=5, note=WORD),
    event("agent.session_takeover", 4, "2026-10-01T10:03:00Z", **S, agent_id="erased-agent"),
    event("ticket.created", 5, "2026-10-01T10:05:00Z", **S, ticket_id="erased-ticket", **TICKET, note=WORD),
    event("ticket.status_changed", 6, "2026-10-02T10:05:00Z", ticket_id="erased-ticket", from_status="new",
          to_status="open", note=WORD),
    # No contract has it, and it makes the shift.
    event("agent.login", 7, "2026-10-01T09:00:00Z", agent_id="erased-agent", agent_name="n", customer_id=WORD),
    event("agent.login", 8, "2026-10-02T09:00:00Z", agent_id="erased-agent", agent_name="n"),
]  # fmt: skip
# The same event once more, as another's: it is theirs once the first one is gone.
COPY = json.dumps(json.loads(MARKED[1]) | {"session_id": "stays", "text": "t"}).encode()
CONTACT = [
    event("hub.contact_created", 1, "2026-10-01T10:00:00Z", contact_id=WORD, source=WORD),
    event("hub.message", 1, "2026-10-01T10:00:00Z", thread_id="erased-thread", contact_id=WORD, speaker="them"),
    event("hub.trigger_used", 2, "2026-10-01T10:00:00Z", thread_id="erased-thread", trigger_id=WORD),
]
# Whose lines are pruned before the erasure.
PRUNED_CONTACT = [
    event("hub.contact_promoted", 3, "2026-10-01T10:00:00Z", contact_id="pruned-contact", k_code="K1"),
    event(
        "hub.message", 4, "2026-10-01T10:00:00Z", thread_id="pruned-thread", contact_id="pruned-contact", speaker="them"
    ),
]
UNBUILT = [event("session.rating", 9, "2026-10-01T10:06:00Z", **S, score=3, note=WORD), b'{"broken": "' + WORD.encode()]
LATE_SESSION = {"session_id": "late-session"}
LATE = [
    event("session.feedback", 10, "2026-10-01T10:07:00Z", **S, helpful=True, note=WORD),
    event("session.start", 11, "2026-10-03T10:00:00Z", **LATE_SESSION, channel="web", customer_id=WORD),
    event("session.message", 12, "2026-10-03T10:00:00Z", **LATE_SESSION, role="user", message_length=3),
    event("ticket.closed", 13, "2026-10-03T10:00:00Z", ticket_id="erased-ticket"),
]
# Who writes again after the erasure is let in; the time of the erasure is the test's own.
AGAIN = event("session.start", 14, "2090-10-03T10:00:00Z", session_id="new-session", channel="web", customer_id=WORD)


@dataclass
class History:
    """A warehouse from which people were erased. seen: what there was on the way."""

    erased: Retained
    canary: Canary
    archive: Path
    seen: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def history(told, forks_with, new_database, tmp_path_factory) -> Iterator[History]:
    folder, dbt = tmp_path_factory.mktemp("erased"), forks_with(ROOT)
    lines, parameters = told
    with new_database() as url:
        assert dbt.run(url, "seed").code == 0
        canary = Canary(tmp_path_factory.mktemp("canary"), {"WAREHOUSE_PARAMETERS": str(parameters)})
        made = History(Retained(url, dbt, folder), canary, folder / "archive")
        play(made, lines.lines)
        yield made


@pytest.fixture(scope="module")
def differences_on_duckdb(history) -> list[str]:
    return on_duckdb(history.erased, history.canary)


@pytest.fixture(scope="module")
def never(history, differences_on_duckdb, told, forks_with, new_database, tmp_path_factory) -> dict[str, Any]:
    """The marts of a warehouse that never had the lines of those who were erased, and what became of the last of them.

    Both are pruned, and then more people are erased, whom only reports know. After the comparison of the engines.
    """
    erased, lines, seen = history.erased, told[0].lines, {}
    half = half_of(lines)
    people = customers(lines, half)
    gone = {line for person in persons(lines, people) for line in lines if is_of(person, line)}
    with new_database() as url:
        whole = Retained(url, forks_with(ROOT), tmp_path_factory.mktemp("never"))
        assert whole.dbt.run(url, "seed").code == 0
        whole.load("first", [line for line in [*lines[:half], MARKED[-1]] if line not in gone], DAY)
        whole.load("second", [line for line in [*lines[half:], COPY] if line not in gone], LATER)
        whole.build(AS_OF)
        for warehouse in (erased, whole):
            assert warehouse.prune(CUTOFF)
            warehouse.build(AS_OF)
        seen["erased at last"] = erased.erase(people[-1], history.archive)
        seen["contact at last"] = erased.erase(Subject("contact", "pruned-contact"), history.archive)
        erased.build(AS_OF)
        # Without the lines of the erased, others have other places.
        seen["marts"], seen["marts of never"] = erased.marts(without=PLACES), whole.marts(without=PLACES)
    seen["lines of simulated people"] = len(gone)
    return seen


def half_of(lines: tuple[bytes, ...]) -> int:
    """How many of the lines come first: some people have lines on both sides."""
    return len(lines) * 3 // 5


def play(history: History, lines: tuple[bytes, ...]) -> None:
    erased, folder, seen = history.erased, history.archive, history.seen
    half = half_of(lines)
    *simulated, _ = customers(lines, half)
    subjects = [Subject("customer", WORD), Subject("contact", WORD), *simulated]
    erased.load("first", [*lines[:half], *MARKED, *CONTACT, *PRUNED_CONTACT], DAY)
    erased.build(AS_OF)
    erased.load("second", [*lines[half:], *UNBUILT, COPY], LATER)
    seen["word before"] = erased.where_found(WORD)
    seen["erased"] = [erased.erase(subject) for subject in subjects]
    seen["word in raw"] = {name for name in erased.where_found(WORD) if name.startswith("raw")}
    erased.build(AS_OF, "--select", "dim_tenants")
    seen["word after a build of one model"] = erased.where_found(WORD)
    seen["killed"] = erased.run(AS_OF, kill_after=60).code
    # A build that was killed keeps erasures out for a minute.
    erased.ask("update staging.builds set begun_at = begun_at - interval '1 minute' where ended_at is null")
    erased.build(AS_OF)
    erased.load("late", [*LATE, AGAIN], LATER)
    erased.load("again", [*MARKED[:-1], *CONTACT], LATER)
    erased.build(AS_OF)
    seen["late, built"] = built_of(erased, WORD)
    seen["late"], seen["late, from nothing"] = both(erased)
    seen["refused"] = erased.ask("select reason, count(*) from staging.stg_pipeline__dead_letters group by reason")
    seen["reconciled"] = reconciled(erased)
    seen["models"] = history.canary.incremental()
    erased.archive(folder, LATER + timedelta(days=1))
    seen["latecomers"] = erased.erase_latecomers(folder)
    seen["archived"] = archived(folder, WORD)
    erased.build(AS_OF, "--selector", "nightly")
    seen["refused at last"] = erased.ask("select 1 from staging.stg_pipeline__dead_letters where reason = 'erased'")
    seen["reconciled at last"] = reconciled(erased)
    seen["no more latecomers"] = erased.erase_latecomers(folder)
    seen["erasures"] = erased.ask("select kind, count(*) from raw.erasures group by kind")


def on_duckdb(warehouse: Retained, canary: Canary) -> list[str]:
    canary.load(warehouse.url)
    canary.build()
    with psycopg.connect(warehouse.url) as postgres, duckdb.connect(canary.file) as duck:
        for connection in (postgres, duck):
            connection.execute("set timezone to 'UTC'")
        return [line for table in canary.compared for line in engines.differences(table, postgres, duck)]


def archived(folder: Path, word: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as duck:
        query = "select event_id from read_parquet(?) where contains(payload, ?)"
        return duck.execute(query, [f"{folder}/*/*.parquet", word]).fetchall()


def built_of(warehouse: Retained, word: str) -> list[tuple[Any, ...]]:
    query = "select event_id from staging.base_event_lines where strpos(payload::text, %s) > 0"
    return warehouse.ask(query, word)


def both(warehouse: Retained) -> tuple[Any, Any]:
    """The rows of all models, and those of a full refresh of the same raw tables."""
    built = warehouse.models()
    with warehouse.copy("from_nothing") as reference:
        reference.build(AS_OF, "--full-refresh")
        return built, reference.models()


def reconciled(warehouse: Retained) -> dict[str, tuple[int, ...]]:
    rows = warehouse.ask(
        "select path, read_lines_count, loaded_lines_count, duplicate_lines_count, pending_lines_count,"
        " rejected_lines_count, erased_lines_count from marts.ingest_reconciliation"
    )
    return {path.rpartition("/")[2]: tuple(counts) for path, *counts in rows}


def customers(lines: tuple[bytes, ...], half: int) -> list[Subject]:
    """Some of all, and at last one whose lines are all in the first part."""
    found = dict.fromkeys(customer for line in lines if (customer := _customer(line))[0])
    subjects = [Subject("customer", *customer) for customer in found]
    copies: dict[str, list[bytes]] = {}
    for line in lines:
        copies.setdefault(read(line).get("event_id", ""), []).append(line)

    def is_last(subject: Subject) -> bool:
        [person] = persons(lines, [subject])
        own = {line for line in lines if is_of(person, line)}
        # Another's copy of an event stays a copy when the event is erased after both were pruned.
        shadowed = (first for first, *others in copies.values() if first in own and not own.issuperset(others))
        # Nor are the shifts of pruned days computed anew, which hold nothing of a person but seconds and counts.
        is_held = any(read(line).get("agent_id") for line in own)
        return own.isdisjoint(lines[half:]) and not is_held and not any(shadowed)

    last = next(filter(is_last, subjects))
    others = [subject for subject in subjects if subject != last]
    return [*others[:: len(others) // (SIMULATED - 1)][: SIMULATED - 1], last]


def persons(lines: Iterable[bytes], subjects: Iterable[Subject]) -> list[Person]:
    """Their ids, found without the loader: whoever's session, its tickets."""
    found = []
    for subject in subjects:
        person = Person(subject.tenant_id or "default")
        person.ids[subject.kind].add(subject.value)
        for names in (["session_id", "ticket_id", "thread_id"], ["ticket_id"]):
            for line in lines:
                if is_of(person, line):
                    for name in names:
                        person.add(name.removesuffix("_id"), read(line).get(name))
        found.append(person)
    return found


def is_of(person: Person, line: bytes) -> bool:
    fields = read(line)
    return fields.get("tenant_id", "default") == person.tenant_id and person.is_named(fields)


def read(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _customer(line: bytes) -> tuple[str, str]:
    fields = read(line)
    name = fields.get("customer_id")
    return (name if isinstance(name, str) else "", fields.get("tenant_id", "default"))


def test_every_incremental_model_says_what_an_erasure_makes_of_its_rows(history):
    # Whoever adds a model is asked here: see "After an erasure" in docs/incremental.md.
    known = {"line", "file", "whole", "session", "ticket", "agent", "thread", "contact"}
    assert {name: how for name, how in history.seen["models"].items() if how not in known} == {}
    assert set(history.seen["models"].values()) == known


def test_lines_leave_raw_at_once(history):
    assert {"raw.events", "raw.dead_letters", "staging.base_event_lines"} < history.seen["word before"]
    assert history.seen["word in raw"] == set()
    first = history.seen["erased"][0]
    assert (first.sessions, first.tickets, first.events, first.dead_letters) == (1, 1, 8, 1)


def test_any_build_erases_what_was_made_of_them(history):
    assert history.seen["word after a build of one model"] == set()


def test_a_build_after_erasures_gives_the_rows_of_a_full_refresh(history):
    assert history.seen["killed"] == -9
    assert differences(history.seen["late"], history.seen["late, from nothing"]) == []


@pytest.mark.long
def test_duckdb_has_the_same_rows(differences_on_duckdb):
    assert not differences_on_duckdb, "\n".join(differences_on_duckdb)


def test_who_is_erased_does_not_come_back(history):
    # But for what they do after the erasure.
    assert history.seen["late, built"] == [("new-session-14",)]
    # Of the session that nobody knew one line names the customer.
    assert dict(history.seen["refused"])["erased"] == len(LATE) - 1 + len(MARKED) - 1 + len(CONTACT)


def test_latecomers_are_erased_with_their_sessions(history):
    assert history.seen["latecomers"].events == len(LATE) + len(MARKED) - 1 + len(CONTACT)
    assert history.seen["latecomers"].archived_lines == history.seen["latecomers"].events
    assert history.seen["archived"] == [("new-session-14",)]
    assert history.seen["refused at last"] == []
    assert history.seen["no more latecomers"].events == 0
    assert dict(history.seen["erasures"]) == {"customer": SIMULATED, "contact": 1, "latecomers": 1}


def test_every_line_is_accounted_for(history):
    before, after = history.seen["reconciled"], history.seen["reconciled at last"]
    assert (before.pop("late.jsonl"), after.pop("late.jsonl")) == ((5, 2, 0, 0, 0, 3), (5, 1, 0, 0, 0, 4))
    assert before["again.jsonl"] == (10, 0, 0, 0, 0, 10)
    assert all(counts[0] == sum(counts[1:]) for counts in before.values())
    assert before == after


@pytest.mark.long
def test_the_reports_are_as_if_they_had_never_been(history, never):
    # Of the last one the lines were pruned before: only reports knew them.
    last = never["erased at last"]
    assert (last.events, last.warehouse_lines, last.sessions > 0, last.archived_lines > 0) == (0, 0, True, True)
    contact = never["contact at last"]
    assert (contact.events, contact.warehouse_lines, contact.threads, contact.archived_lines) == (0, 0, 1, 2)
    assert never["lines of simulated people"] > 20
    marts, others = never["marts"], never["marts of never"]
    # Of lines that came, and of how they came, something is told also when they are erased.
    for model in history.erased.dbt.models:
        if model.meta.get("is_about_lines"):
            marts.pop(model.name, None)
            others.pop(model.name, None)
    assert sum(map(len, marts.values())) > 100
    assert differences(marts, others) == []
