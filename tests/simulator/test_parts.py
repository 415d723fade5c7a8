"""The parts of the simulation, each for itself."""

from datetime import date
from statistics import mean

import pytest

from simulator.agenda import Agenda
from simulator.agent import CAPACITY, Agent, team
from simulator.chance import Chance
from simulator.claims import claimed, claimed_count
from simulator.desk import Desk
from simulator.tenant import DAY, HOUR, Tenant
from simulator.traffic import arrivals

MONDAY = date(2026, 10, 5)


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
    chance = Chance("1")
    picks = [chance.pick({"a": 3, "b": 1, "c": 0}) for _ in range(4000)]
    assert 0.72 < picks.count("a") / 4000 < 0.78
    assert picks.count("c") == 0


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
    tenant = Tenant()
    assert tenant.instant(date(2026, 10, 1)) == 1_790_784_000  # 2026-09-30T16:00:00Z
    assert tenant.instant(date(2026, 10, 1), 24) == tenant.instant(date(2026, 10, 2))
    assert tenant.local_date(1_790_784_000 - 1) == date(2026, 9, 30)
    assert tenant.local_date(1_790_784_000) == date(2026, 10, 1)


def test_tenant_in_a_zone_with_summer_time_has_days_of_23_and_25_hours():
    berlin = Tenant("acme", "Europe/Berlin")
    length = {day: berlin.instant(day, 24) - berlin.instant(day) for day in (date(2026, 3, 29), date(2026, 10, 25))}
    assert length == {date(2026, 3, 29): 23 * HOUR, date(2026, 10, 25): 25 * HOUR}


def test_arrivals_of_a_week_are_the_mean_times_seven():
    days = [date(2026, 10, 5 + number) for number in range(7)]
    count = sum(len(arrivals(Tenant(), day, 10_000, Chance(str(day)))) for day in days)
    assert 69_000 < count < 71_000


def test_arrivals_are_ordered_and_within_their_day():
    at = arrivals(Tenant(), MONDAY, 500, Chance("1"))
    assert at == sorted(at)
    assert {Tenant().local_date(each) for each in at} == {MONDAY}


def test_every_day_has_agents_in_both_shifts():
    for number in range(7):
        there = [agent.hours for agent in team(0) if agent.works_on(date(2026, 10, 5 + number))]
        assert there.count((9.0, 18.0)) >= 2
        assert there.count((13.0, 22.0)) >= 2


def _desk(*agents: Agent) -> tuple[Agenda, Desk]:
    agenda = Agenda(Tenant().instant(MONDAY, 10))
    return agenda, Desk(agenda, Tenant(), list(agents))


def _agent(agent_id: str, status: str = "online") -> Agent:
    return Agent(agent_id, agent_id, (9.0, 18.0), (5, 6), status=status)


def test_free_agent_is_online_with_a_hand_free_and_holds_least():
    first, second, third = _agent("a"), _agent("b"), _agent("c", "break")
    _, desk = _desk(first, second, third)
    first.held = ["s1"]
    assert desk.free_agent() is second
    first.last_taken_at, second.held = 1.0, ["s2"]
    assert desk.free_agent() is second
    assert desk.free_agent(besides=second) is first
    first.held = second.held = ["s"] * CAPACITY
    assert desk.free_agent() is None


def test_queue_serves_first_come_first_and_lets_the_impatient_go():
    agent = _agent("a", "offline")
    agenda, desk = _desk(agent)
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
def test_presence_is_the_next_time_on_the_roster(hours_after_monday, expected):
    agent = _agent("a")
    _, desk = _desk(agent)
    monday = Tenant().instant(MONDAY)
    at = desk.next_presence(agent, monday + hours_after_monday * HOUR)
    assert (at - monday) / HOUR == pytest.approx(expected)


def test_ticket_goes_to_somebody_who_is_there_first():
    early, late = _agent("a"), Agent("b", "b", (13.0, 22.0), (5, 6))
    _, desk = _desk(early, late)
    night = Tenant().instant(MONDAY) + DAY + 2 * HOUR
    assert desk.next_assignee(night, Chance("1"))[0] is early
