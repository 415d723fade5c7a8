"""Case work: the processes that play a ticket from its opening to its end, if it ends in time."""

from emitter import (
    TicketAssigned,
    TicketClosed,
    TicketCreated,
    TicketPriorityChanged,
    TicketReplied,
    TicketStatusChanged,
)

from .agenda import Process
from .agent import Agent
from .chance import Chance
from .claims import claimed
from .session import Session
from .tenant import DAY, HOUR, MINUTE
from .ticket import Priority, State, Ticket
from .world import World

_SOURCES = {"email": 0.55, "web_form": 0.3, "phone": 0.15}
_KINDS = {"delivery": 0.35, "return_refund": 0.3, "payment": 0.15, "product": 0.12, "complaint": 0.08}
_PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")
#: Hours until solved that the ticket system promises, by priority; its own rule, on the wall clock.
_PROMISED_HOURS: dict[Priority, float] = {"urgent": 48, "high": 60, "normal": 72, "low": 96}


def open_ticket(world: World, session: Session | None = None) -> None:
    """Open a ticket, direct or from a session, and let it be worked on."""
    number = len(world.tickets)
    chance = world.chance("ticket", number)
    customer = world.customers.visitor() if session is None else session.customer
    ticket = Ticket(
        ticket_id=f"t-{chance.getrandbits(40):010x}",
        source=chance.pick(_SOURCES) if session is None else "chat",
        kind=chance.pick(_KINDS),
        priority=chance.choices(_PRIORITIES, (20, 55, 19, 6))[0],
        created_at=world.now,
        session_id=None if session is None else session.session_id,
        customer_id=None if customer.is_anonymous else customer.customer_id,
    )
    world.tickets.append(ticket)
    world.agenda.start(_Case(world, ticket, chance).play())


class _Case:
    """One ticket in the hands of the team."""

    def __init__(self, world: World, ticket: Ticket, chance: Chance) -> None:
        self._world = world
        self._ticket = ticket
        self._chance = chance
        self._agent: Agent = world.desk.agents[0]

    def play(self) -> Process:
        """Created, assigned, worked on, solved, perhaps opened again, closed."""
        ticket, chance = self._ticket, self._chance
        self._world.write(
            TicketCreated(
                ticket_id=ticket.ticket_id,
                source=ticket.source,
                type=ticket.kind,
                priority=ticket.priority,
                session_id=ticket.session_id,
                customer_id=ticket.customer_id,
            )
        )
        yield chance.around(4 * MINUTE)
        yield from self._assign()
        if chance.happens(0.1):
            yield from self._at_desk(5 * MINUTE)
            self._change_priority()
        yield from self._at_desk(35 * MINUTE)
        self._move("open")
        yield chance.around(40)
        self._reply()
        yield from self._clarify()
        yield from self._at_desk(90 * MINUTE)
        yield from self._solve()
        if chance.happens(0.05):
            yield chance.around(9 * HOUR)
            self._write_customer_reply()
            self._move("open", by_agent=False)
            ticket.reopen_count += 1
            ticket.solved_at = None
            yield from self._at_desk(60 * MINUTE)
            yield from self._solve()
        yield chance.uniform(1, 3) * DAY
        self._close()

    def _assign(self) -> Process:
        agent, at = self._world.desk.next_assignee(self._world.now, self._chance)
        yield at - self._world.now + self._chance.around(3 * MINUTE)
        self._give_to(agent, None)
        if self._chance.happens(0.06):
            yield self._chance.around(20 * MINUTE)
            colleague, at = self._world.desk.next_assignee(self._world.now, self._chance)
            yield at - self._world.now
            if colleague is not agent:
                self._give_to(colleague, agent)

    def _give_to(self, agent: Agent, before: Agent | None) -> None:
        self._agent = agent
        self._ticket.agent_id = agent.agent_id
        self._world.write(
            TicketAssigned(
                ticket_id=self._ticket.ticket_id,
                to_agent_id=agent.agent_id,
                from_agent_id=None if before is None else before.agent_id,
            )
        )

    def _at_desk(self, median: float) -> Process:
        """Wait some time, then until the agent is there."""
        yield self._chance.around(median, 0.8)
        yield self._world.desk.next_presence(self._agent, self._world.now) - self._world.now

    def _clarify(self) -> Process:
        """Questions to the customer, waiting for others, internal notes."""
        chance = self._chance
        if chance.happens(0.35):
            yield from self._at_desk(10 * MINUTE)
            self._reply()
            yield chance.uniform(2, 10)
            self._move("pending")
            yield chance.around(4 * HOUR, 0.8)
            self._write_customer_reply()
            self._move("open", by_agent=False)
        if chance.happens(0.12):
            yield from self._at_desk(20 * MINUTE)
            self._reply(is_public=False)
            yield chance.uniform(2, 10)
            self._move("on_hold")
            yield from self._at_desk(5 * HOUR)
            self._move("open")

    def _solve(self) -> Process:
        self._reply()
        yield self._chance.uniform(3, 30)
        self._move("solved")
        self._ticket.solved_at = self._world.now

    def _close(self) -> None:
        ticket = self._ticket
        self._move("closed", by_agent=False)
        ticket.closed_at = self._world.now
        solved_at = ticket.solved_at or ticket.closed_at
        hours = (solved_at - ticket.created_at) / HOUR
        self._world.write(
            TicketClosed(
                ticket_id=ticket.ticket_id,
                resolution_duration_hours=claimed(hours, self._chance, 2),
                sla_met=hours <= _PROMISED_HOURS[ticket.priority],
            )
        )

    def _reply(self, *, is_public: bool | None = None) -> None:
        if self._ticket.first_reply_at is None and is_public is not False:
            self._ticket.first_reply_at = self._world.now
        self._world.write(
            TicketReplied(
                ticket_id=self._ticket.ticket_id, author="agent", agent_id=self._agent.agent_id, is_public=is_public
            )
        )

    def _write_customer_reply(self) -> None:
        self._world.write(TicketReplied(ticket_id=self._ticket.ticket_id, author="customer"))

    def _move(self, state: State, *, by_agent: bool = True) -> None:
        ticket = self._ticket
        agent_id = self._agent.agent_id if by_agent else None
        self._world.write(
            TicketStatusChanged(
                ticket_id=ticket.ticket_id, from_status=ticket.state, to_status=state, agent_id=agent_id
            )
        )
        ticket.state = state

    def _change_priority(self) -> None:
        ticket = self._ticket
        priority = self._chance.choice([other for other in _PRIORITIES if other != ticket.priority])
        self._world.write(
            TicketPriorityChanged(
                ticket_id=ticket.ticket_id,
                from_priority=ticket.priority,
                to_priority=priority,
                agent_id=self._agent.agent_id,
            )
        )
        ticket.priority = priority
