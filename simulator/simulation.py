"""The simulation: who begins what on which day, from the first midnight to the end of the last conversation."""

from collections.abc import Callable
from datetime import date

from .agenda import Process
from .casework import open_ticket
from .hub import thread
from .shift import work
from .tenant import HOUR
from .traffic import arrivals
from .visit import RETURN_SHARE, visit
from .world import World

#: Direct tickets for each session, and the hours after the window in which conversations may still end.
_TICKET_SHARE = 0.06
_GRACE_HOURS = 4


def play(world: World, on_day: Callable[[int], None] | None = None) -> None:
    """Play the whole window; everything in it is written as it happens.

    on_day: called at each local midnight with the number of days that are over.
    """
    for number, day in enumerate(world.settings.dates):
        world.agenda.start(_day(world, day, number, on_day), world.tenant.instant(day))
    world.agenda.run(until=world.ends_at + _GRACE_HOURS * HOUR)


def _day(world: World, day: date, number: int, on_day: Callable[[int], None] | None) -> Process:
    """The beginning of a local day: its shifts, visits, direct tickets and business contacts."""
    if on_day is not None:
        on_day(number)
    for agent in world.desk.agents:
        if agent.works_on(day):
            world.agenda.start(work(world, agent, day))
    first_visits = world.settings.sessions_per_day * (1 - RETURN_SHARE)
    for at in arrivals(world.tenant, day, first_visits, world.chance("arrivals", day)):
        world.agenda.start(visit(world), at)
    direct_tickets = world.settings.sessions_per_day * _TICKET_SHARE
    for at in arrivals(world.tenant, day, direct_tickets, world.chance("tickets", day)):
        world.agenda.start(_direct_ticket(world), at)
    world.agenda.start(thread(world, day, number))
    yield from ()


def _direct_ticket(world: World) -> Process:
    open_ticket(world)
    yield from ()
