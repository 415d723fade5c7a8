"""The simulation: who begins what on which day, from the first midnight to the end of the last conversation."""

from collections.abc import Callable, Sequence
from datetime import date

from ..world.agenda import Agenda, Process
from ..world.tenant import HOUR, MINUTE
from ..world.world import World
from .casework import open_ticket
from .hub import business_chat
from .shift import work
from .traffic import arrivals
from .visit import RETURN_SHARE, visit

#: Direct tickets, and business contacts, for each session; of these at least a few a day.
_TICKET_SHARE = 0.06
_CONTACT_SHARE = 0.03
_CONTACTS_MIN = 4
#: Hours after the window in which conversations may still end.
_GRACE_HOURS = 4


def play(agenda: Agenda, worlds: Sequence[World], on_day: Callable[[int], None] | None = None) -> None:
    """Play the whole window of all tenants; everything in it is written as it happens.

    on_day: called at each local midnight of the first tenant with the number of days that are over.
    """
    for world in worlds:
        agenda.start(_days(world, on_day if world is worlds[0] else None), world.begins_at)
    agenda.run(until=max(world.ends_at for world in worlds) + _GRACE_HOURS * HOUR)
    for world in worlds:
        world.finish_all()


def _days(world: World, on_day: Callable[[int], None] | None) -> Process:
    for number, day in enumerate(world.settings.dates):
        yield max(0.0, world.tenant.instant(day) - world.now)
        if on_day is not None:
            on_day(number)
        _begin(world, day)


def _begin(world: World, day: date) -> None:
    """The beginning of a local day: its shifts, visits, direct tickets and business contacts."""
    sessions_per_day = world.settings.sessions_per_day
    for agent in world.desk.agents:
        if agent.works_on(day):
            world.agenda.start(work(world, agent, day))
    for at in arrivals(world.tenant, day, sessions_per_day * (1 - RETURN_SHARE), world.chance("arrivals", day)):
        world.agenda.start(visit(world), at)
    for at in arrivals(world.tenant, day, sessions_per_day * _TICKET_SHARE, world.chance("tickets", day)):
        world.agenda.start(_direct_ticket(world), at)
    for number in range(max(_CONTACTS_MIN, round(sessions_per_day * _CONTACT_SHARE))):
        world.agenda.start(business_chat(world, day, number))
    world.agenda.start(_outage(world, day))


def _direct_ticket(world: World) -> Process:
    open_ticket(world)
    yield from ()


def _outage(world: World, day: date) -> Process:
    """Now and then the AI's service fails outside of any session."""
    chance = world.chance("outage", day)
    if chance.happens(0.5):
        yield chance.uniform(0, 20) * HOUR
        for _ in range(1 + int(chance.random() * 3)):
            world.fail("/v1/health", "timeout", "no answer within 5 s")
            yield chance.around(MINUTE)
