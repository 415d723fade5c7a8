"""The teller: sets the clock by hand and lets things happen in a world of one tenant."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..world.agent import Agent
from ..world.customer import Customer
from ..world.session import Session
from ..world.thread import Contact, Thread
from ..world.ticket import Ticket
from ..world.world import World


class Teller:
    """Tells a story: ``at`` and ``after`` set the clock, everything else happens at what it shows."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._agents: dict[str, Agent] = {}

    def at(self, wall: str) -> None:
        """Set the clock to a local time such as ``2026-10-05 09:00:30``; the first of two where clocks go back.

        ``2026-10-25 02:30 again`` is the second.
        """
        text = wall.removesuffix(" again")
        zone = ZoneInfo(self.world.tenant.timezone)
        self.world.agenda.now = datetime.fromisoformat(text).replace(tzinfo=zone, fold=text != wall).timestamp()

    def after(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        """Let time pass."""
        self.world.agenda.now = round(self.world.agenda.now + seconds + 60 * minutes + 3600 * hours, 6)

    def session(
        self, session_id: str, at: str | None = None, *, customer: str | None = None, **details: Any
    ) -> Session:
        """A session opens; without a customer's name, an anonymous one."""
        if at is not None:
            self.at(at)
        visitor = Customer(customer or "nobody", is_anonymous=customer is None)
        session = self.world.new_session(visitor, session_id=session_id, **details)
        session.open()
        return session

    def conversation(self, session_id: str, at: str, *, seconds: float = 2, **details: Any) -> Session:
        """A session with one question and one answer that comes after some seconds."""
        session = self.session(session_id, at, **details)
        session.user_turn()
        self.after(seconds)
        session.ai_turn(round(seconds * 1000))
        return session

    def agent(self, agent_id: str) -> Agent:
        """An agent at the desk, the same at each call."""
        if agent_id not in self._agents:
            self._agents[agent_id] = Agent(self.world, agent_id, f"Agent {agent_id}")
        return self._agents[agent_id]

    def ticket(self, ticket_id: str, at: str | None = None, **details: Any) -> Ticket:
        """A ticket comes in."""
        if at is not None:
            self.at(at)
        ticket = self.world.new_ticket("email", details.pop("kind", "delivery"), ticket_id=ticket_id, **details)
        ticket.open()
        return ticket

    def thread(self, thread_id: str, at: str | None = None) -> Thread:
        """A contact comes in, and a thread with it is about to begin."""
        if at is not None:
            self.at(at)
        contact = Contact(self.world, f"contact-of-{thread_id}")
        contact.come()
        return self.world.new_thread(thread_id, contact)
