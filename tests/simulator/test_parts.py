"""The parts of the simulation, each for itself."""

from datetime import date
from statistics import mean

import pytest

from simulator.play.claims import claimed, claimed_count
from simulator.play.traffic import arrivals
from simulator.truth.book import Blank
from simulator.world.agenda import Agenda
from simulator.world.agent import CAPACITY, Agent
from simulator.world.chance import Chance, Choice, scattered
from simulator.world.desk import Desk
from simulator.world.session import Session
from simulator.world.settings import Settings
from simulator.world.tenant import DAY, HOUR
from simulator.world.tenants import TENANTS
from simulator.world.trace import Trace
from simulator.world.world import World

MONDAY = date(2026, 10, 5)
SHANGHAI, BERLIN, _, LORD_HOWE = TENANTS


def test_agenda_plays_in_the_order_of_time_and_of_planning():
    agenda, seen = Agenda(100.0), []

    def process(name, waits):
        for wait in waits:
            seen.append((agenda.now, name))
            yield wait
        seen.append((agenda.now, name))

    agenda.start(process("a", [5, 5]))
    agenda.start(process("b", [5, 20]))
    agenda.start(process("c", []), at=102.5)
    agenda.run(until=110)
    assert seen == [(100, "a"), (100, "b"), (102.5, "c"), (105, "a"), (105, "b"), (110, "a")]


def test_agenda_never_goes_back():
    agenda, seen = Agenda(100.0), []

    def process():
        yield -50
        seen.append(agenda.now)

    agenda.start(process(), at=20)
    agenda.run(until=200)
    assert seen == [100]


def test_agenda_rounds_to_microseconds():
    agenda, seen = Agenda(1_790_000_000.0), []

    def process():
        yield 1 / 3
        seen.append(agenda.now)

    agenda.start(process())
    agenda.run(until=2e9)
    assert seen == [1_790_000_000.333333]


def test_chance_is_the_same_for_the_same_seed_text():
    assert [Chance("7/a").random() for _ in range(2)] == [0.9733080591306875] * 2
    assert Chance("7/b").random() != Chance("7/a").random()


def test_chance_picks_by_weight():
    chance, choice = Chance("1"), Choice({"a": 3, "b": 1, "c": 0})
    picks = [chance.pick(choice) for _ in range(4000)]
    assert 0.72 < picks.count("a") / 4000 < 0.78
    assert picks.count("c") == 0


def test_scattered_numbers_are_all_different_and_other_ones_for_other_seeds():
    first, second = ({scattered(number, seed) for number in range(10_000)} for seed in (1, 2))
    assert (len(first), len(second), len(first & second)) == (10_000, 10_000, 0)


def test_around_has_its_median():
    chance = Chance("1")
    draws = sorted(chance.around(40) for _ in range(4001))
    assert 38 < draws[2000] < 42
    assert draws[0] > 0


def test_claims_are_wrong_in_a_few_per_cent():
    chance = Chance("1")
    assert 0.02 < mean(claimed(10, chance) != 10 for _ in range(5000)) < 0.04
    assert 0.02 < mean(claimed_count(10, chance) != 10 for _ in range(5000)) < 0.04


def test_tenant_midnights_are_local():
    assert SHANGHAI.instant(date(2026, 10, 1)) == 1_790_784_000  # 2026-09-30T16:00:00Z
    assert SHANGHAI.instant(date(2026, 10, 1), 24) == SHANGHAI.instant(date(2026, 10, 2))
    assert SHANGHAI.local_date(1_790_784_000 - 1) == date(2026, 9, 30)
    assert SHANGHAI.local_date(1_790_784_000) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("tenant", "day", "hours"),
    [
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        (LORD_HOWE, date(2026, 10, 4), 23.5),
        (LORD_HOWE, date(2026, 4, 5), 24.5),
    ],
    ids=["Berlin in spring", "Berlin in autumn", "Lord Howe in spring", "Lord Howe in autumn"],
)
def test_tenant_in_a_zone_with_summer_time_has_days_of_other_lengths(tenant, day, hours):
    assert tenant.instant(day, 24) - tenant.instant(day) == hours * HOUR


def test_arrivals_of_a_week_are_the_mean_times_seven():
    days = [date(2026, 10, 5 + number) for number in range(7)]
    count = sum(len(arrivals(SHANGHAI, day, 10_000, Chance(str(day)))) for day in days)
    assert 69_000 < count < 71_000


def test_arrivals_are_ordered_and_within_their_day():
    at = arrivals(SHANGHAI, MONDAY, 500, Chance("1"))
    assert at == sorted(at)
    assert {SHANGHAI.local_date(each) for each in at} == {MONDAY}


class _NoLog:
    """A writer whose lines go nowhere."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._count = 0

    def write(self, tenant_id, event, is_outdated=False, unknown_fields=None):
        self._count += 1
        return Trace(self._agenda.now, self._agenda.now, self._count, "e", str(self._count), is_recorded=True)

    def write_unknown(self, tenant_id, product, name, fields):
        return self.write(tenant_id, None)


@pytest.fixture
def world() -> World:
    """The first tenant's desk on Monday at ten."""
    agenda = Agenda(SHANGHAI.instant(MONDAY, 10))
    return World(Settings(start=MONDAY), SHANGHAI, agenda, _NoLog(agenda), Blank())


def test_every_day_has_agents_in_both_shifts(world):
    for number in range(7):
        there = [agent.hours for agent in world.desk.agents if agent.works_on(date(2026, 10, 5 + number))]
        assert there.count((9, 18)) >= 2
        assert there.count((13, 22)) >= 2


def test_teams_of_two_tenants_have_the_same_ids(world):
    other = World(world.settings, BERLIN, world.agenda, _NoLog(world.agenda), Blank())
    first, second = ({agent.agent_id for agent in each.desk.agents} for each in (world, other))
    assert second < first


def _agent(world: World, agent_id: str, status: str = "online", hours=(9.0, 18.0)) -> Agent:
    agent = Agent(world, agent_id, agent_id, hours=hours, days_off=(5, 6))
    agent.status = status
    return agent


def _desk(world: World, *agents: Agent) -> Desk:
    return Desk(world.agenda, SHANGHAI, list(agents))


def _session(world: World) -> Session:
    return world.new_session(world.customers.visitor())


def test_free_agent_is_online_with_a_hand_free_and_holds_least(world):
    first, second, third = _agent(world, "a"), _agent(world, "b"), _agent(world, "c", "break")
    desk = _desk(world, first, second, third)
    first.held = ["s1"]
    assert desk.free_agent() is second
    first.last_taken_at, second.held = 1.0, ["s2"]
    assert desk.free_agent() is second
    assert desk.free_agent(besides=second) is first
    first.held = second.held = ["s"] * CAPACITY
    assert desk.free_agent() is None


def test_agent_with_full_hands_is_busy_until_one_is_free_again(world):
    agent = _agent(world, "a")
    sessions = [_session(world) for _ in range(CAPACITY)]
    seen = [agent.status]
    for session in sessions:
        agent.hold(session)
        agent.take_over(session)
        seen.append(agent.status)
    agent.release(sessions[0])
    assert [*seen, agent.status] == ["online", "online", "busy", "online"]
    assert agent.held == [sessions[1].session_id]


def test_queue_serves_first_come_first_and_lets_the_impatient_go(world):
    agent = _agent(world, "a", "offline")
    agenda, desk = world.agenda, _desk(world, agent)
    began, seen = agenda.now, []

    def customer(name, patience, after):
        yield after
        found = yield from desk.wait_for_agent(patience)
        seen.append((name, found is not None, agenda.now - began))
        if found is not None:
            found.held.append(name)

    def opening():
        yield 61
        agent.status = "online"

    # The last one looks at the desk two seconds before the others do, and must not be served before them.
    for customer_of_the_day in (("a", 600, 0), ("impatient", 30, 0), ("b", 600, 0), ("c", 300, 0), ("late", 600, 58)):
        agenda.start(customer(*customer_of_the_day))
    agenda.start(opening())
    agenda.run(until=began + HOUR)
    assert seen == [
        ("impatient", False, 30),
        ("a", True, 65),
        ("b", True, 65),
        ("c", False, 300),
        ("late", False, 658),
    ]


@pytest.mark.parametrize(
    ("hours_after_monday", "expected"),
    [
        (0, 9 + 25 / 60),
        (12, 12),
        (17.8, 24 + 9 + 25 / 60),
        (4 * 24 + 17.8, 7 * 24 + 9 + 25 / 60),
    ],
    ids=["before the shift", "in the shift", "at its end", "before the weekend"],
)
def test_presence_is_the_next_time_on_the_roster(world, hours_after_monday, expected):
    agent = _agent(world, "a")
    desk = _desk(world, agent)
    monday = SHANGHAI.instant(MONDAY)
    at = desk.next_presence(agent, monday + hours_after_monday * HOUR)
    assert (at - monday) / HOUR == pytest.approx(expected)


def test_presence_goes_on_after_midnight(world):
    agent = _agent(world, "a", hours=(22.0, 30.0))
    monday = SHANGHAI.instant(MONDAY)
    at = _desk(world, agent).next_presence(agent, monday + 25 * HOUR)
    assert (at - monday) / HOUR == 25


def test_ticket_goes_to_somebody_who_is_there_first(world):
    early, late = _agent(world, "a"), _agent(world, "b", hours=(13.0, 22.0))
    desk = _desk(world, early, late)
    night = SHANGHAI.instant(MONDAY) + DAY + 2 * HOUR
    assert desk.next_assignee(night, Chance("1"))[0] is early
