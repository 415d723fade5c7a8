"""The clocks of random tickets equal a count second by second, in the nights in which the clocks change."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.truth.applications import clocks
from simulator.truth.business_time import MINUTE, SECOND, BusinessTime
from simulator.truth.view import View
from simulator.world.calendar import Calendar, Policy, week
from simulator.world.tenants import TENANTS
from simulator.world.ticket import Assignment, Creation, PriorityChange, Reply, StateChange, Ticket
from simulator.world.trace import Trace

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
#: Middles of nights in which one of the zones changes its clocks.
NIGHTS = tuple(
    int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    for text in ("2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T07:00", "2026-11-01T06:00", "2026-04-04T15:00",
                 "2026-10-03T15:30")
)  # fmt: skip
#: Of the first ten of the epoch.
EVERY_OTHER_MINUTE = BusinessTime(Calendar("half", "UTC", week(range(7), *((m, m + 1) for m in range(0, 10, 2)))))
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def _zone(name):
    return ZoneInfo(name)


def _is_open(calendar, second):
    """Opening hours over midnight are two pieces, of which the second belongs to the day before."""
    wall = datetime.fromtimestamp(second, UTC).astimezone(_zone(calendar.timezone))
    clock = wall.hour * 3600 + wall.minute * 60 + wall.second
    for hours in calendar.hours:
        opens, closes = hours.opens * 60, hours.closes * 60
        pieces = [(0, opens, closes)] if closes > opens else [(0, opens, 86_400), (1, 0, closes)]
        for days_later, begin, end in pieces:
            opened_on = (wall - timedelta(days=days_later)).date()
            if opened_on.weekday() == hours.weekday and opened_on not in calendar.holidays and begin <= clock < end:
                return True
    return False


minutes_of_a_day = st.integers(0, 1439)
spans = st.tuples(minutes_of_a_day, minutes_of_a_day)


@st.composite
def calendars(draw, name="random"):
    hours = week(range(7), *draw(st.lists(spans, max_size=4)))
    zone = draw(st.sampled_from(ZONES))
    holidays = draw(st.sets(st.sampled_from([date(2026, 10, 24), date(2026, 10, 25), date(2026, 3, 28)])))
    return Calendar(name, zone, hours, tuple(holidays))


@FEW
@given(calendars(), st.sampled_from(NIGHTS), st.integers(-20_000, 20_000), st.integers(0, 20_000))
def test_business_time_is_what_a_count_of_seconds_gives(calendar, night, offset, length):
    start, end = night + offset, night + offset + length
    counted = sum(_is_open(calendar, second) for second in range(start, end))
    time = BusinessTime(calendar)
    assert time.between(start * SECOND, end * SECOND) == counted * SECOND
    reached = time.after(start * SECOND, counted * SECOND)
    assert reached <= end * SECOND
    assert time.between(start * SECOND, reached) == counted * SECOND
    if counted:
        # Not a microsecond sooner.
        assert time.between(start * SECOND, reached - 1) == counted * SECOND - 1
        # The last second before was business time.
        assert _is_open(calendar, reached // SECOND - 1)


def test_a_calendar_that_never_opens_is_never_due():
    assert BusinessTime(Calendar("closed", "UTC", ())).after(0, 1) is None


@FEW
@given(st.integers(0, 59_999_999), st.integers(0, 3 * MINUTE))
def test_parts_of_minutes_count_to_the_microsecond(start, length):
    inside = sum(max(0, min(start + length, m + MINUTE) - max(start, m)) for m in range(0, 10 * MINUTE, 2 * MINUTE))
    assert EVERY_OTHER_MINUTE.between(start, start + length) == inside


@dataclass
class Count:
    """A clock, second by second."""

    started: int
    is_going: bool = True
    stopped: int | None = None
    elapsed: int = 0
    running: int = 0
    breached: int | None = None
    target: int | None = None


class Counter:
    """Plays a ticket second by second and keeps the clock of each metric and application."""

    def __init__(self, tenant, steps, as_of):
        self.tenant, self.steps = tenant, steps
        self.status, self.priority, self.answered, self.owes_answer = "new", None, False, False
        self.counts = {}
        replies = [n for n, (_, what) in enumerate(steps) if what == ("reply", "agent")]
        left_new = [n for n, (_, what) in enumerate(steps) if what[0] == "move" and what[1] == "new" and what[3]]
        self.response = (replies or left_new or [None])[0]
        due = list(enumerate(steps))
        for second in range(steps[0][0], as_of):
            while due and due[0][1][0] == second:
                self.step(second, *due.pop(0))
            for (metric, _), count in self.counts.items():
                self.count(second, metric, count)
        for number, (second, what) in due:
            self.step(second, number, (second, what))

    def policy(self, metric, count):
        day = datetime.fromtimestamp(count.started, _zone(self.tenant.timezone)).date()
        for policy in self.tenant.policies:
            if (policy.metric, policy.priority) == (metric, self.priority) and policy.valid_from <= day:
                return policy
        return None

    def step(self, second, number, step):
        kind, *what = step[1]
        was_done = self.status in ("solved", "closed")
        if kind == "create":
            self.priority = what[0]
            self.counts["first_response", 1] = Count(second)
            self.counts["resolution", 1] = Count(second)
        if kind == "prioritise":
            self.priority = what[0]
        if kind == "move":
            self.status = what[1]
        is_done = self.status in ("solved", "closed")
        waiting = [count for (metric, _), count in self.counts.items() if metric == "next_response"]
        is_waiting = bool(waiting) and waiting[-1].is_going
        if number == self.response or (kind == "move" and is_done):
            self.stop(self.counts["first_response", 1], second)
        if step[1] == ("reply", "agent") or (kind == "move" and is_done):
            self.owes_answer = False
            if is_waiting:
                self.stop(waiting[-1], second)
        elif self.answered and step[1] == ("reply", "customer"):
            self.owes_answer = True
        if self.owes_answer and not is_waiting and not is_done:
            self.counts["next_response", len(waiting) + 1] = Count(second)
        if kind == "move" and is_done:
            self.stop(self.counts["resolution", 1], second)
        elif kind == "move" and was_done:
            self.counts["resolution", 1].is_going = True
            self.counts["resolution", 1].stopped = None
        self.answered = self.answered or number == self.response
        for (metric, _), count in self.counts.items():
            self.check(second, metric, count)

    def stop(self, count, second):
        if count.is_going:
            count.is_going, count.stopped = False, second

    def check(self, second, metric, count):
        """A target that is too low already breaks the promise at once."""
        policy = self.policy(metric, count) if count.is_going else None
        if policy is not None:
            count.target = policy.target_minutes * 60
            if count.elapsed > count.target and count.breached is None:
                count.breached = second

    def count(self, second, metric, count):
        policy = self.policy(metric, count) if count.is_going else None
        if policy is None or self.status in policy.pausing:
            return
        count.running += 1
        (calendar,) = [found for found in self.tenant.calendars if found.calendar_id == policy.calendar_id]
        if _is_open(calendar, second):
            if count.elapsed == count.target and count.breached is None:
                count.breached = second
            count.elapsed += 1


statuses = st.sampled_from(["open", "pending", "on_hold", "solved", "closed"])
deeds = st.one_of(
    st.tuples(st.just("move"), statuses, st.sampled_from(["a1", None])),
    st.tuples(st.just("prioritise"), st.sampled_from(["low", "normal", "urgent"])),
    st.tuples(st.just("reply"), st.sampled_from(["agent", "customer", "note"])),
    st.tuples(st.just("assign")),
)


@st.composite
def courses(draw):
    """A ticket's steps in seconds of the epoch: what, and from which status a move is."""
    second = draw(st.sampled_from(NIGHTS)) + draw(st.integers(-6_000, 6_000))
    steps, status = [(second, ("create", draw(st.sampled_from(["low", "normal"]))))], "new"
    for gap, deed in draw(st.lists(st.tuples(st.integers(0, 1_800), deeds), max_size=10)):
        second += gap
        if deed[0] == "move":
            if deed[1] == status:
                continue
            steps.append((second, ("move", status, deed[1], deed[2])))
            status = deed[1]
        else:
            steps.append((second, deed))
    return steps, second + draw(st.integers(0, 1_800))


@st.composite
def promises(draw):
    """A policy, or now and then none, for each metric and priority; some came into force in the night of the ticket."""
    found = []
    for metric in ("first_response", "next_response", "resolution"):
        for priority in ("low", "normal", "urgent"):
            if draw(st.integers(0, 5)):
                target, calendar_id = draw(st.integers(0, 60)), draw(st.sampled_from(["one", "two"]))
                pausing = draw(st.sampled_from([(), ("pending",), ("pending", "on_hold")]))
                valid_from = draw(st.sampled_from([date(2000, 1, 1), date(2026, 3, 29), date(2026, 10, 25)]))
                found.append(Policy(metric, priority, target, calendar_id, None, pausing, valid_from))
    return tuple(found)


def _ticket(steps):
    ticket = Ticket(None, "t1", source="email", kind="delivery")
    for number, (second, what) in enumerate(steps):
        trace = Trace(float(second), float(second), number, "e", f"e{number}", True)
        match what:
            case "create", priority:
                step = Creation(trace, priority, None)
            case "move", before, after, agent_id:
                step = StateChange(trace, before, after, agent_id)
            case "prioritise", priority:
                step = PriorityChange(trace, "normal", priority)
            case "reply", author:
                step = Reply(trace, "customer" if author == "customer" else "agent", author != "note")
            case _:
                step = Assignment(trace, "a1")
        ticket.history.append(step)
    return ticket


@settings(FEW, max_examples=150)
@given(courses(), calendars("one"), calendars("two"), promises())
def test_the_clocks_of_a_random_ticket_are_what_a_count_of_seconds_gives(course, one, two, promised):
    steps, as_of = course
    tenant = replace(TENANTS[0], timezone=one.timezone, calendars=(one, two), policies=promised)
    told = {}
    for clock in clocks(_ticket(steps), tenant, View(float(as_of), is_recorded=True)):
        clock.look(as_of * SECOND)
        assert sum(stretch.business for stretch in clock.stretches) == clock.elapsed
        told[clock.metric, clock.number] = (
            clock.started // SECOND,
            clock.stopped and clock.stopped // SECOND,
            clock.promise and clock.promise.target // SECOND,
            clock.elapsed / SECOND,
            sum(stretch.ended - stretch.started for stretch in clock.stretches if stretch.is_running) / SECOND,
            clock.breached and clock.breached / SECOND,
        )
    counted = {
        key: (count.started, count.stopped, count.target, count.elapsed, count.running, count.breached)
        for key, count in Counter(tenant, steps, as_of).counts.items()
    }
    assert told == counted
