"""The same events in many orders of arrival: what lines there are, and how an order of them is drawn."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from simulator.stories import STORIES, rehearse

WORLD = ("--days", "3", "--sessions-per-day", "4", "--tenants", "2", "--seed", "5", "--fault", "all")
#: Heartbeats say little and are three lines of four; so many of them are left out for each that stays.
HEARTBEATS_PER_KEPT = 60
MAX_LOADS = 20
#: Events that so small a world does not have, with fields of theirs.
SELDOM = {
    "quality.audit_reviewed": {"audit_id": "audit", "reviewer_id": "reviewer", "final_score": 80},
    "hub.contact_promoted": {"contact_id": "contact", "k_code": "k"},
    "hub.thread_waiting": {"thread_id": "thread"},
}
MOMENTS_OF_A_DAY = 12
#: The name of an event that nobody knows until a build before which it is learned as query.order.
UNKNOWN_NAME = "order.lookup"


@dataclass(frozen=True)
class Lines:
    """All lines, each once, oldest first; latecomers: those that an order may bring weeks late.

    moments: of the events, and shortly before and after sessions end by silence; for as_of.
    """

    lines: tuple[bytes, ...]
    latecomers: frozenset[bytes]
    moments: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Lines({len(self.lines)})"


@dataclass(frozen=True)
class Build:
    """A dbt run. after_load: number of loads begun before it, held ones included.

    failure: None, ("killed", models done before) or ("locked", which table).
    """

    after_load: int
    as_of: str
    failure: tuple[str, int] | None
    is_name_learned: bool


@dataclass(frozen=True)
class Order:
    """An order of arrival.

    as_of of its builds may go back.
    held: position of a load that begins in its place, and how many loads have begun when it commits, at least one of
    them after it. A build at that moment comes before the commit.
    batch_lines: lines per transaction of the loader. from_nothing: compare with a first build, else --full-refresh.
    """

    loads: tuple[tuple[bytes, ...], ...]
    held: dict[int, int]
    builds: tuple[Build, ...]
    batch_lines: int
    from_nothing: bool

    def __repr__(self) -> str:
        loads = ", ".join(str(len(load)) for load in self.loads)
        builds = "".join(f"\n    {build}" for build in self.builds)
        return (
            f"Order(loads of {loads} lines; held until after: {self.held}; {self.batch_lines} lines a transaction; "
            f"against {'nothing' if self.from_nothing else '--full-refresh'}; builds:{builds})"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis shows; it would show every line."""
        printer.text(repr(self))


def write_lines(folder: Path) -> tuple[Lines, Path]:
    """The lines of a small world where everything goes wrong, of all stories, and nasty ones; and their parameters."""
    world = folder / "world"
    subprocess.run(
        [sys.executable, "-m", "simulator", "generate", *WORLD, "--out", world], check=True, capture_output=True
    )
    rehearse(STORIES, folder / "stories")
    logs = [*sorted((world / "logs").glob("*.jsonl")), *sorted((folder / "stories" / "logs").rglob("*.jsonl"))]
    read = dict.fromkeys(line for log in logs for line in log.read_bytes().split(b"\n") if line)
    heartbeats = [line for line in read if b'"agent.heartbeat"' in line]
    for number, line in enumerate(heartbeats):
        if number % HEARTBEATS_PER_KEPT:
            del read[line]
    told = [event for line in read if (event := _event(line))]
    nasty, latecomers = _nasty(told)
    latecomers |= {
        line
        for number, line in enumerate(read)
        if (event := _event(line)) and event["event"] in {"session.start", "agent.logout"} and number % 3 == 0
    }
    lines = sorted((*read, *nasty), key=_moment)
    events = [event for line in lines if (event := _event(line))]
    moments = sorted(
        (_at(event) + timedelta(minutes=minutes)).isoformat()
        for event in events
        if event["timestamp"] < "2026-12"
        for minutes in (0, 1, 119, 121)
    )
    # As many of a quiet day as of a busy one.
    days = [list(day) for _, day in groupby(moments, key=lambda moment: moment[:10])]
    moments = [moment for day in days for moment in day[:: len(day) // MOMENTS_OF_A_DAY + 1]]
    return Lines(tuple(lines), frozenset(latecomers), tuple(moments)), world / "parameters"


def _nasty(told: list[dict[str, Any]]) -> tuple[list[bytes], set[bytes]]:
    """Lines that no well-behaved product writes, and which of them come late."""

    def some(name: str, count: int) -> list[dict[str, Any]]:
        # Of both tenants of the world, whose sessions have all that a session can have; stories come after.
        return [event for event in told if event["event"] == name and "event_id" in event][::5][:count]

    def line(original: dict[str, Any], **changes: Any) -> bytes:
        return json.dumps(original | changes).encode()

    starts, messages = some("session.start", 8), some("session.message", 8)
    lines = []
    # The same event_id with other content: another session, tenant, ticket, agent, time, event.
    for one, other in zip(messages, reversed(starts), strict=False):
        lines.append(line(one, session_id=other["session_id"], tenant_id=other.get("tenant_id", "default")))
    lines += [line(event, tenant_id="harbor") for event in messages[:3] + starts[:2]]
    lines += [line(event, timestamp="2026-09-20T10:00:00Z") for event in messages[3:5] + starts[2:4]]
    lines.append(line(starts[4], event_id=messages[5]["event_id"]))
    for name in ("ticket.created", "ticket.status_changed", "ticket.replied", "ticket.closed"):
        lines += [line(event, ticket_id="t-elsewhere") for event in some(name, 2)]
    lines += [
        line(event, agent_id="a-elsewhere") for name in ("agent.login", "agent.logout") for event in some(name, 2)
    ]
    lines += [line(event, thread_id="th-elsewhere", contact_id="elsewhere") for event in some("hub.message", 2)]
    hub = ("hub.contact_blocked", "hub.contact_promoted", "hub.contact_created")
    lines += [line(event, contact_id="elsewhere") for name in hub for event in some(name, 1)]
    hub = ("hub.thread_snoozed", "hub.thread_resolved", "hub.trigger_fired")
    lines += [line(event, thread_id="th-elsewhere") for name in hub for event in some(name, 1)]
    # After any as_of that asks; some of them end or open what went before.
    for name in ("session.start", "session.end", "session.message", "agent.logout", "ticket.closed", "ai.token_usage"):
        lines += [
            line(event, event_id=f"future-{name}-{number}", timestamp="2027-01-05T10:00:00Z")
            for number, event in enumerate(some(name, 2))
        ]
    # Unknown until learned, one of them without a field that it needs.
    queries = [event for event in told if event["event"] == "query.order"]
    for number, event in enumerate(queries * 2):
        lines.append(line(event, event=UNKNOWN_NAME, event_id=f"unknown-{number}"))
    lines.append(line(queries[0], event=UNKNOWN_NAME, event_id="unknown-bad", success=None))
    lines += [
        line(fields, event=name, event_id=name, timestamp="2026-10-02T10:00:00Z", product="hub")
        for name, fields in SELDOM.items()
    ]
    # A shift from Thursday to Saturday; Friday's login is none where the message with its event_id came first.
    night = {"agent_id": "a-night", "emitter_id": "night"}
    login, logout = some("agent.login", 1)[0], some("agent.logout", 1)[0]
    lines.append(line(login, **night, event_id="night-1", timestamp="2026-10-01T20:00:00Z"))
    lines.append(line(login, **night, event_id=messages[6]["event_id"], timestamp="2026-10-02T20:00:00Z"))
    late_logout = line(logout, **night, event_id="night-3", timestamp="2026-10-03T08:00:00Z")
    lines.append(late_logout)
    late = {line(event, event_id=f"test-{event['event_id']}", is_test=True) for event in starts[5:7]}
    late |= {line(event, event_id=f"again-{event['event_id']}", channel="app") for event in starts[6:8]}
    return [*lines, *sorted(late)], late | {late_logout}


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
        _at(event)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return event if isinstance(event.get("event"), str) else None


def _at(event: dict[str, Any]) -> datetime:
    at = datetime.fromisoformat(event["timestamp"])
    if at.tzinfo is None:
        raise ValueError
    return at.astimezone(UTC)


def _moment(line: bytes) -> tuple[str, bytes]:
    event = _event(line)
    return (_at(event).isoformat() if event else "", line)


@st.composite
def orders(draw: st.DrawFn, given: Lines, build_counts: st.SearchStrategy[int]) -> Order:
    """An order of arrival of all lines in 2 to 20 loads.

    build_counts: of builds between them, at most one after each load; one more comes at the end.
    """
    # Of each choice Hypothesis tries the first one first, which is why those are not the simplest ones.
    chance = Random(draw(st.integers(0, 2**32 - 1)))
    load_count = draw(st.sampled_from([6, *range(2, MAX_LOADS + 1)]))
    lines = _arranged(
        given,
        chance,
        how=draw(st.sampled_from(["shuffled", "as written", "backwards"])),
        late_share=draw(st.sampled_from([0.02, 0.3, 0.0])),
        are_latecomers_late=draw(st.sampled_from([True, False])),
        duplicates=draw(st.sampled_from([30, 200, 0])),
    )
    cuts = sorted(chance.sample(range(1, len(lines)), load_count - 1))
    if draw(st.sampled_from([True, False, False])):
        # The last load has no lines: where a build comes before it, the last one changes what time alone changes.
        cuts[-1] = len(lines)
    loads = tuple(tuple(lines[start:end]) for start, end in zip([0, *cuts], [*cuts, len(lines)], strict=True))
    held = {}
    for _ in range(draw(st.sampled_from([2, 1, 0])) if load_count > 3 else 0):
        first = chance.randrange(load_count - 3)
        held[first] = chance.randrange(first + 2, load_count)
    build_count = min(draw(build_counts), load_count - 1)
    # What is held back matters to a build that sees the loads after it: builds come just before such commits first.
    preferred = sorted(set(held.values()))
    others = [number for number in range(1, load_count) if number not in preferred]
    after = sorted([*preferred, *chance.sample(others, len(others))][:build_count])
    as_of = sorted(chance.sample(given.moments, len(after) + 1))
    if draw(st.sampled_from([True, False, False])):
        as_of[-1] = given.moments[-1]
    # Reports of the past, at last or between others.
    time = draw(st.sampled_from(["back at last", "on", "to and fro", "on"]))
    if time == "back at last":
        as_of[-2:] = reversed(as_of[-2:])
    elif time == "to and fro":
        chance.shuffle(as_of)
    failing = draw(st.sampled_from([*range(len(after)), None, None]))
    failure = draw(st.sampled_from(["killed", "killed", "locked"])), draw(st.sampled_from(range(20, 121)))
    learned = draw(st.sampled_from([len(after), *range(len(after)), len(after) + 1]))
    builds = tuple(
        Build(load, as_of[number], failure if number == failing else None, is_name_learned=number >= learned)
        for number, load in enumerate([*after, load_count])
    )
    return Order(loads, held, builds, draw(st.sampled_from([20_000, 41])), from_nothing=draw(st.booleans()))


def _arranged(
    given: Lines, chance: Random, *, how: str, late_share: float, are_latecomers_late: bool, duplicates: int
) -> list[bytes]:
    lines = list(given.lines)
    if how == "shuffled":
        chance.shuffle(lines)
    elif how == "backwards":
        lines.reverse()
    late = {line for line in lines if chance.random() < late_share}
    late |= given.latecomers if are_latecomers_late else set()
    # The sort is stable: what is not late keeps its order, and what is late as well.
    lines.sort(key=late.__contains__)
    for _ in range(duplicates):
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(given.lines))
    return lines
