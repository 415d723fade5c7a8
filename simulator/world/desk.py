"""The service desk: the team, and the queue of customers who wait for one of it."""

from collections.abc import Generator
from datetime import timedelta

from .agenda import Agenda
from .agent import Agent
from .chance import Chance
from .tenant import MINUTE, Tenant

_LOOK_SECONDS = 5.0
#: Nobody begins with a ticket right after arriving or just before leaving.
_MARGIN = 25 * MINUTE
_DAY = timedelta(days=1)


class Desk:
    """The agents and the queue, first come first served."""

    def __init__(self, agenda: Agenda, tenant: Tenant, agents: list[Agent]) -> None:
        self.agents = agents
        self._agenda = agenda
        self._tenant = tenant
        self._queue: list[object] = []

    @property
    def is_open(self) -> bool:
        """Whether any agent is logged in."""
        return any(agent.shift is not None for agent in self.agents)

    def free_agent(self, besides: Agent | None = None) -> Agent | None:
        """The free agent who holds least, and of those the one whose last takeover is longest ago."""
        free = [agent for agent in self.agents if agent.is_free and agent is not besides]
        return min(free, key=lambda agent: (len(agent.held), agent.last_taken_at, agent.agent_id), default=None)

    def wait_for_agent(self, patience: float) -> Generator[float, None, Agent | None]:
        """Queue up until an agent is free or the patience, in seconds, runs out."""
        place = object()
        self._queue.append(place)
        deadline = self._agenda.now + patience
        agent = None
        while agent is None and self._agenda.now < deadline:
            yield _LOOK_SECONDS
            if self._queue[0] is place:
                agent = self.free_agent()
        self._queue.remove(place)
        return agent

    def next_presence(self, agent: Agent, after: float) -> float:
        """The earliest instant from ``after`` on at which the agent's roster has time for tickets."""
        begin, end = agent.hours
        # A shift over midnight may have begun the day before.
        day = self._tenant.local_date(after) - _DAY
        while True:
            opens = self._tenant.instant(day, begin) + _MARGIN
            closes = self._tenant.instant(day, end) - _MARGIN
            if agent.works_on(day) and after <= closes:
                return max(after, opens)
            day += _DAY

    def next_assignee(self, after: float, chance: Chance) -> tuple[Agent, float]:
        """Who takes a new ticket, and when: somebody among those who are there first."""
        # Agents with the same roster are there at the same time.
        rosters = {(agent.hours, agent.days_off): agent for agent in self.agents}
        presence = {roster: self.next_presence(agent, after) for roster, agent in rosters.items()}
        first = min(presence.values())
        there = [agent for agent in self.agents if presence[agent.hours, agent.days_off] <= first + MINUTE]
        return chance.choice(there), first
