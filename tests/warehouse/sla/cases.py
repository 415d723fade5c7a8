"""Random promises and tickets: for each zone a tenant, whose tickets live around the nights in which its clocks change.

An oracle in Python (simulator/truth, which looks up every minute on the wall by zoneinfo) tells their clocks and
segments; the same steps are written as log lines. What it says is itself compared with a count of seconds, in
tests/simulator/truth/tickets/test_clocks_of_random_tickets.py.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from types import SimpleNamespace
from zoneinfo import ZoneInfo, available_timezones

from simulator.truth.sla import SlaBook
from simulator.truth.view import View
from simulator.world.calendar import Calendar, Hours, Policy
from simulator.world.settings import Settings
from simulator.world.tenant import TeamPeriod, Tenant
from simulator.world.tenants import TENANTS
from simulator.world.ticket import Assignment, Closure, Creation, PriorityChange, Reply, StateChange, Ticket
from simulator.world.trace import Trace
from simulator.writing.parameters import write_parameters

PRIORITIES = ("low", "normal", "high", "urgent")
STATUSES = ("open", "pending", "on_hold", "solved", "closed")
KINDS = ("delivery", "payment")


@dataclass(frozen=True)
class Span:
    """The years that transitions are taken from."""

    begin: datetime
    end: datetime


def transitions(zone: str, span: Span) -> tuple[tuple[datetime, timedelta | None], ...]:
    """When the clocks of a zone change in a span, to the minute, and how far they are from UTC then."""
    clock = ZoneInfo(zone)
    found, before = [], span.begin.astimezone(clock).utcoffset()
    at = span.begin
    while at < span.end:
        later = at + timedelta(hours=12)
        if later.astimezone(clock).utcoffset() != before:
            minute = at
            while minute.astimezone(clock).utcoffset() == before:
                minute += timedelta(minutes=1)
            before = minute.astimezone(clock).utcoffset()
            found.append((minute, before))
        at = later
    return tuple(found)


def zones(span: Span) -> dict[str, tuple[datetime, ...]]:
    """One zone for each series of transitions that there is in the tz database, by name, with their instants."""
    known: dict[object, str] = {}
    for zone in sorted(available_timezones() - {"localtime"}):
        series = transitions(zone, span)
        known.setdefault((series, span.begin.astimezone(ZoneInfo(zone)).utcoffset()), zone)
    return {zone: tuple(at for at, _ in series) for (series, _), zone in known.items()}  # type: ignore[misc,union-attr]


class Cases:
    """Tickets by the hundred. rng: where all of it comes from."""

    def __init__(self, rng: Random, nights: dict[str, tuple[datetime, ...]], count: int, span: Span) -> None:
        self._rng = rng
        self._span = span
        self.tenants = [self._tenant(zone) for zone in nights]
        self._nights = dict(zip((tenant.tenant_id for tenant in self.tenants), nights.values(), strict=True))
        self.tickets = [self._ticket(number, self.tenants[number % len(self.tenants)]) for number in range(count)]

    def write(self, folder: Path, as_of: datetime) -> None:
        """``logs``, ``parameters`` and the oracle's ``truth`` below a folder."""
        (folder / "logs").mkdir(parents=True)
        with (folder / "logs" / "tickets.jsonl").open("w", encoding="utf-8") as file:
            for tenant, ticket in self.tickets:
                file.writelines(json.dumps(line) + "\n" for line in _lines(tenant, ticket))
        write_parameters(folder / "parameters", (TENANTS[0], *self.tenants))
        settings = Settings(tenants=tuple(self.tenants))
        book = SlaBook(folder / "truth", settings, View(as_of.timestamp(), is_recorded=True))
        for tenant, ticket in self.tickets:
            book.ticket_over(SimpleNamespace(tenant=tenant), ticket)  # type: ignore[arg-type]
        book.close()

    def _tenant(self, zone: str) -> Tenant:
        rng = self._rng
        # Calendars may be of other zones than the tenant.
        calendars = (self._calendar("one", zone), self._calendar("two", rng.choice([zone, "Asia/Shanghai"])))
        policies = []
        for metric in ("first_response", "next_response", "resolution"):
            for priority in PRIORITIES:
                for kind in (None, KINDS[0]):
                    policies += self._policies(metric, priority, kind)
        teams = (TeamPeriod("a1", "day", date(2000, 1, 1), self._day()), TeamPeriod("a2", "evening", self._day()))
        return replace(
            TENANTS[0], tenant_id=zone, timezone=zone, calendars=calendars, policies=tuple(policies), teams=teams
        )

    def _policies(self, metric: str, priority: str, kind: str | None) -> Iterator[Policy]:
        rng = self._rng
        if rng.random() < (0.8 if kind else 0.15):
            return
        days = [date(2000, 1, 1), self._day(), None]
        for begin, end in pairwise(days):
            if begin is not None and rng.random() < 0.8:
                target = rng.choice([0, rng.randint(1, 90), rng.randint(60, 900)])
                pausing = rng.choice([(), ("pending",), ("pending", "on_hold")])
                yield Policy(metric, priority, target, rng.choice(["one", "two"]), kind, pausing, begin, end)

    def _calendar(self, name: str, zone: str) -> Calendar:
        rng = self._rng
        hours = []
        changed_on = self._day()
        for weekday in range(7):
            for _ in range(rng.choice([0, 1, 1, 2, 3])):
                opens, closes = rng.choice([(0, 1440), (540, 1080), (rng.randint(0, 1439), rng.randint(1, 1440))])
                valid = rng.choice([(date.min, None), (date.min, None), (date.min, changed_on), (changed_on, None)])
                hours.append(Hours(weekday, opens, closes, *valid))
        # Some opening hours for ever, so that every deadline is near; no two that begin at one minute.
        hours.append(Hours(rng.randint(0, 6), 600, 660))
        unique = {(each.weekday, each.opens): each for each in hours}
        holidays = {self._day() for _ in range(rng.randint(0, 40))}
        return Calendar(name, zone, tuple(unique.values()), tuple(sorted(holidays)))

    def _day(self) -> date:
        return (self._span.begin + timedelta(days=self._rng.randrange((self._span.end - self._span.begin).days))).date()

    def _ticket(self, number: int, tenant: Tenant) -> tuple[Tenant, Ticket]:
        rng = self._rng
        ticket = Ticket(None, f"t{number}", source="email", kind=rng.choice(KINDS))  # type: ignore[arg-type]
        nights = self._nights[tenant.tenant_id]
        night = rng.choice(nights) if nights else datetime.combine(self._day(), datetime.min.time(), UTC)
        at = round(night.timestamp() * 1e6) + rng.randint(-40_000, 20_000) * rng.choice(
            [1_000_000, 60_000_000, 999_999]
        )
        status = "new"
        for step in range(rng.randint(1, 11)):
            trace = Trace(at / 1e6, at / 1e6, step, f"e{number}", f"e{number}-{step}", True)
            what = (
                "create" if step == 0 else rng.choice(["move", "move", "reply", "hear", "note", "prioritise", "assign"])
            )
            agent = rng.choice(["a1", "a2", None])
            match what:
                case "create":
                    ticket.history.append(Creation(trace, rng.choice(PRIORITIES), agent))  # type: ignore[arg-type]
                case "move" if rng.random() < 0.1:
                    ticket.history.append(Closure(trace, None, rng.choice([True, False, None])))
                    status = "closed"
                case "move":
                    before, status = status, rng.choice(STATUSES)
                    ticket.history.append(StateChange(trace, before, status, agent))  # type: ignore[arg-type]
                case "prioritise":
                    ticket.history.append(PriorityChange(trace, "low", rng.choice(PRIORITIES)))  # type: ignore[arg-type]
                case "assign":
                    ticket.history.append(Assignment(trace, agent or "a3"))
                case _:
                    author = "customer" if what == "hear" else "agent"
                    ticket.history.append(Reply(trace, author, what != "note"))  # type: ignore[arg-type]
            # Now and then two steps at one instant.
            at += rng.choice([0, rng.randint(0, 3_600_000_000), rng.randint(0, 90_000_000_000)])
        return tenant, ticket


def _lines(tenant: Tenant, ticket: Ticket) -> Iterator[dict[str, object]]:
    for step in ticket.history:
        fields: dict[str, object]
        match step:
            case Creation():
                event = "ticket.created"
                fields = {"source": "email", "type": ticket.kind, "priority": step.priority, "agent_id": step.agent_id}
            case StateChange():
                event = "ticket.status_changed"
                fields = {"from_status": step.before, "to_status": step.after, "agent_id": step.agent_id}
            case Closure():
                event, fields = "ticket.closed", {"sla_met": step.claimed_sla_met}
            case PriorityChange():
                event, fields = "ticket.priority_changed", {"from_priority": step.before, "to_priority": step.after}
            case Assignment():
                event, fields = "ticket.assigned", {"to_agent_id": step.agent_id}
            case Reply():
                event, fields = "ticket.replied", {"author": step.author, "is_public": step.is_public}
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(step.trace.logged_at * 1e6))
        yield {
            "event": event,
            "event_id": step.trace.event_id,
            "timestamp": at.isoformat(timespec="microseconds"),
            "product": "random",
            "tenant_id": tenant.tenant_id,
            "emitter_id": step.trace.emitter_id,
            "seq": step.trace.number,
            "ticket_id": ticket.ticket_id,
            **fields,
        }
