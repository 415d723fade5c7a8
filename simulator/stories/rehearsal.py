"""The rehearsal: plays all stories into a world folder, logs, truth and parameters, as one simulated world."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from ..truth.truth import Truth
from ..world.agenda import Agenda
from ..world.settings import Settings
from ..world.tenants import TENANTS
from ..world.world import World
from ..writing.journal import Journal
from ..writing.parameters import write_parameters
from .story import Story
from .teller import Teller

#: The window of all stories; "now" is the midnight of Shanghai after it.
_START, _DAYS = date(2026, 9, 1), 75


def rehearse(stories: Iterable[Story], folder: Path) -> Settings:
    """Play stories into ``<folder>/logs/<story>``, ``truth`` and ``parameters``; the result says what "now" is.

    Each story is a tenant, so all of them live in one warehouse and none sees another.
    """
    told = tuple(stories)
    settings = Settings(start=_START, days=_DAYS, tenants=tuple(story.tenant for story in told))
    truth = Truth(folder / "truth", settings)
    for number, story in enumerate(told):
        # Seeds of their own, or equal moments of two stories would get the same event_id.
        own = replace(settings, seed=number)
        agenda = Agenda(story.tenant.instant(_START))
        journal = Journal(folder / "logs" / story.name, own, clock=partial(getattr, agenda, "now"))
        world = World(own, story.tenant, agenda, journal, truth)
        with journal:
            story.tell(Teller(world))
        world.finish_all()
    truth.close()
    # The tenant `default` stands for all that the parameters do not name.
    write_parameters(folder / "parameters", (TENANTS[0], *settings.tenants))
    return settings
