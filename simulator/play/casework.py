"""Case work: the processes that play a ticket from its opening to its end, if it ends in time."""

from ..world.agenda import Process
from ..world.agent import Agent
from ..world.chance import Chance, Choice
from ..world.session import Session
from ..world.tenant import DAY, HOUR, MINUTE
from ..world.ticket import Priority, Ticket
from ..world.world import World
from .claims import claimed

_SOURCES = Choice({"email": 0.55, "web_form": 0.3, "phone": 0.15})
_KINDS = Choice({"delivery": 0.35, "return_refund": 0.3, "payment": 0.15, "product": 0.12, "complaint": 0.08})
_PRIORITIES: Choice[Priority] = Choice({"low": 20, "normal": 55, "high": 19, "urgent": 6})
#: Hours until solved that the ticket system promises, by priority; its own rule, on the wall clock.
_PROMISED_HOURS: dict[Priority, float] = {"urgent": 48, "high": 60, "normal": 72, "low": 96}


def open_ticket(world: World, session: Session | None = None) -> None:
    """Open a ticket, direct or from a session, and let it be worked on."""
    chance = world.chance("ticket", world.ticket_count)
    customer = world.customers.visitor() if session is None else session.customer
    ticket = world.new_ticket(
        chance.pick(_SOURCES) if session is None else "chat",
        chance.pick(_KINDS),
        priority=chance.pick(_PRIORITIES),
        session_id=None if session is None else session.session_id,
        customer_id=None if customer.is_anonymous else customer.customer_id,
    )
    # The agent who had the session last writes the ticket; without one the system does.
    opened_by = session.agent_ids[-1] if session is not None and session.agent_ids else None
    thanks = world.chance("thanks", world.ticket_count)
    world.agenda.start(_Case(world, ticket, chance, thanks, opened_by).play())


class _Case:
    """One ticket in the hands of the team."""

    def __init__(self, world: World, ticket: Ticket, chance: Chance, thanks: Chance, opened_by: str | None) -> None:
        self._world = world
        self._opened_by = opened_by
        self._ticket = ticket
        self._chance = chance
        self._thanks = thanks
        self._agent: Agent = world.desk.agents[0]
        self._opened_at = world.now
        self._solved_at = world.now

    def play(self) -> Process:
        """Created, assigned, worked on, solved, perhaps opened again, closed."""
        ticket, chance = self._ticket, self._chance
        ticket.open(self._opened_by)
        yield chance.around(4 * MINUTE)
        if chance.happens(0.05):
            # A rule of the ticket system opens it, no agent.
            ticket.move("open")
        yield from self._assign()
        if chance.happens(0.1):
            yield from self._at_desk(5 * MINUTE)
            self._change_priority()
        yield from self._at_desk(35 * MINUTE)
        if chance.happens(0.1):
            ticket.reply(self._agent.agent_id, is_public=False)
        if ticket.state == "new":
            ticket.move("open", self._agent.agent_id)
        yield chance.around(40)
        ticket.reply(self._agent.agent_id)
        yield from self._clarify()
        yield from self._at_desk(90 * MINUTE)
        yield from self._solve()
        while chance.happens(0.1):
            yield chance.around(9 * HOUR)
            ticket.hear()
            ticket.move("open")
            yield from self._at_desk(60 * MINUTE)
            yield from self._solve()
        until_closed = chance.uniform(1, 3) * DAY
        if self._thanks.happens(0.2):
            # Nobody has to answer to that.
            yield until_closed / 4
            ticket.hear()
            until_closed *= 3 / 4
        yield until_closed
        hours = (self._solved_at - self._opened_at) / HOUR
        sla_met = hours <= _PROMISED_HOURS[ticket.priority]
        ticket.move("closed")
        ticket.close(claimed(hours, chance, 2), sla_met=sla_met if chance.happens(0.98) else None)
        self._world.finish(ticket)

    def _assign(self) -> Process:
        desk, chance = self._world.desk, self._chance
        agent, at = desk.next_assignee(self._world.now, chance)
        yield at - self._world.now + chance.around(3 * MINUTE)
        self._agent = agent
        self._ticket.assign(agent.agent_id)
        if chance.happens(0.06):
            yield chance.around(20 * MINUTE)
            colleague, at = desk.next_assignee(self._world.now, chance)
            yield at - self._world.now
            if colleague is not agent:
                self._agent = colleague
                self._ticket.assign(colleague.agent_id, before=agent.agent_id)

    def _at_desk(self, median: float) -> Process:
        """Wait some time, then until the agent is there."""
        yield self._chance.around(median, 0.8)
        yield self._world.desk.next_presence(self._agent, self._world.now) - self._world.now

    def _clarify(self) -> Process:
        """Questions to the customer, impatient customers, waiting for others, internal notes."""
        ticket, chance = self._ticket, self._chance
        if chance.happens(0.2):
            yield chance.around(3 * HOUR)
            ticket.hear()
            yield from self._at_desk(30 * MINUTE)
            ticket.reply(self._agent.agent_id)
        if chance.happens(0.35):
            yield from self._at_desk(10 * MINUTE)
            ticket.reply(self._agent.agent_id)
            yield chance.uniform(2, 10)
            ticket.move("pending", self._agent.agent_id)
            yield chance.around(4 * HOUR, 0.8)
            ticket.hear()
            ticket.move("open")
            if chance.happens(0.15):
                yield from self._at_desk(10 * MINUTE)
                self._change_priority()
        if chance.happens(0.12):
            yield from self._at_desk(20 * MINUTE)
            ticket.reply(self._agent.agent_id, is_public=False)
            yield chance.uniform(2, 10)
            ticket.move("on_hold", self._agent.agent_id)
            yield from self._at_desk(5 * HOUR)
            ticket.move("open", self._agent.agent_id)

    def _solve(self) -> Process:
        self._ticket.reply(self._agent.agent_id)
        yield self._chance.uniform(3, 30)
        self._ticket.move("solved", self._agent.agent_id)
        self._solved_at = self._world.now

    def _change_priority(self) -> None:
        others = [priority for priority in _PRIORITIES.things if priority != self._ticket.priority]
        self._ticket.prioritise(self._chance.choice(others), self._agent.agent_id)
