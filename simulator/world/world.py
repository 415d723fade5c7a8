"""The world of one tenant: whose desk it is, what time it is, and what is going on in it."""

from collections.abc import Mapping
from typing import Any, Protocol

from emitter import ApiError, Event

from .agenda import Agenda
from .agent import Agent, Shift
from .audit import Audit
from .chance import Chance, scattered
from .customer import Customer, Customers
from .desk import Desk
from .happenings import Call
from .session import Session
from .settings import Settings
from .tenant import DAY, Tenant
from .thread import Contact, Thread
from .ticket import Ticket
from .trace import Trace

_NAMES = ("Chen Yun", "Priya Nair", "Lam Ka Wai", "Zhao Min", "Wei Jie Tan", "Liu Fang", "Grace Ho", "Sun Bo")


class Writer(Protocol):
    """Takes what happens now and writes it into the log of the product that it happens in."""

    def write(
        self,
        tenant_id: str,
        event: Event,
        is_outdated: bool = False,  # noqa: FBT001, FBT002 - positional, since it is called for every line
        unknown_fields: Mapping[str, Any] | None = None,
    ) -> Trace:
        """Write an event of the contract; an outdated product uses the name and fields of older emitters."""

    def write_unknown(self, tenant_id: str, product: str, name: str, fields: Mapping[str, Any]) -> Trace:
        """Write an event that the contract does not know."""


class Witness(Protocol):
    """Is told of what is over, while the world still knows all about it."""

    def session_over(self, world: "World", session: Session) -> None:
        """Nothing more will happen in a session."""

    def ticket_over(self, world: "World", ticket: Ticket) -> None:
        """Nothing more will happen to a ticket."""

    def shift_over(self, world: "World", shift: Shift) -> None:
        """An agent's work is over."""

    def thread_over(self, world: "World", thread: Thread) -> None:
        """Nothing more will happen in a thread."""

    def audit_over(self, world: "World", audit: Audit) -> None:
        """Nothing more will happen to an audit."""

    def api_failed(self, world: "World", error: Call) -> None:
        """An API failed outside of all sessions."""


class World:
    """The state of a tenant's world. It knows the truth; what is in the logs is what the products say about it."""

    def __init__(self, settings: Settings, tenant: Tenant, agenda: Agenda, writer: Writer, witness: Witness) -> None:
        self.settings = settings
        self.tenant = tenant
        self.agenda = agenda
        self.begins_at = tenant.instant(settings.start)
        self.ends_at = tenant.instant(settings.start, 24.0 * settings.days)
        self.customers = Customers(tenant.sites, self.chance("customers"), settings.seed)
        self.desk = Desk(agenda, tenant, self._team())
        self.session_count = 0
        self.ticket_count = 0
        # What is going on; what is over goes to the witness.
        self._sessions: dict[str, Session] = {}
        self._tickets: dict[str, Ticket] = {}
        self._shifts: dict[str, Shift] = {}
        self._threads: dict[str, Thread] = {}
        self._audits: dict[str, Audit] = {}
        self._tenant_id = tenant.tenant_id
        self._write = writer.write
        self._write_unknown = writer.write_unknown
        self._witness = witness

    @property
    def now(self) -> float:
        """The instant, in seconds since the epoch."""
        return self.agenda.now

    def chance(self, *what: object) -> Chance:
        """The stream of random draws for a thing, e.g. ``chance("session", 12)``."""
        return Chance("/".join(map(str, (self.settings.seed, self.tenant.tenant_id, *what))))

    def write(
        self,
        event: Event,
        is_outdated: bool = False,  # noqa: FBT001, FBT002 - positional, since it is called for every line
        unknown_fields: Mapping[str, Any] | None = None,
    ) -> Trace:
        """Write an event of this tenant; an outdated product uses the name and fields of older emitters."""
        return self._write(self._tenant_id, event, is_outdated, unknown_fields)

    def write_unknown(self, product: str, name: str, fields: Mapping[str, Any]) -> Trace:
        """Write an event that the contract does not know."""
        return self._write_unknown(self._tenant_id, product, name, fields)

    def new_session(
        self,
        customer: Customer,
        channel: str = "web",
        session_id: str | None = None,
        *,
        is_test: bool = False,
        is_outdated: bool = False,
    ) -> Session:
        """A session that is about to open. Ids are those of one tenant: another tenant's may be the same."""
        self.session_count += 1
        session = Session(
            self,
            session_id or f"s-{scattered(self.session_count, self.settings.seed):012x}",
            customer,
            channel,
            is_test=is_test,
            is_outdated=is_outdated,
        )
        self._sessions[session.session_id] = session
        return session

    def new_ticket(self, source: str, kind: str, **details: Any) -> Ticket:
        """A ticket that is about to open; ``details`` are those of :class:`Ticket`."""
        self.ticket_count += 1
        ticket_id = details.pop("ticket_id", None) or f"t-{scattered(self.ticket_count, self.settings.seed):012x}"
        ticket = Ticket(self, ticket_id, source=source, kind=kind, **details)
        self._tickets[ticket.ticket_id] = ticket
        return ticket

    def new_thread(self, thread_id: str, contact: Contact) -> Thread:
        """A chat with a business contact that is about to begin."""
        thread = Thread(self, thread_id, contact)
        self._threads[thread_id] = thread
        return thread

    def new_shift(self, shift: Shift) -> None:
        """An agent begins to work."""
        self._shifts[shift.agent_id] = shift

    def new_audit(self, audit_id: str, session: Session) -> Audit:
        """An audit of a session that is about to begin."""
        audit = Audit(self, audit_id, session.session_id)
        self._audits[audit_id] = audit
        return audit

    def fail(self, endpoint: str, error_type: str, error_message: str) -> None:
        """An API fails outside of all sessions."""
        trace = self.write(ApiError(endpoint=endpoint, error_type=error_type, error_message=error_message))
        error = Call(trace, "error", is_successful=False, name=endpoint, error_type=error_type)
        self._witness.api_failed(self, error)

    def finish(self, over: Session | Ticket | Shift | Thread | Audit) -> None:
        """Nothing more happens to it: the witness takes it over."""
        match over:
            case Session():
                self._witness.session_over(self, self._sessions.pop(over.session_id))
            case Ticket():
                self._witness.ticket_over(self, self._tickets.pop(over.ticket_id))
            case Shift():
                self._witness.shift_over(self, self._shifts.pop(over.agent_id))
            case Thread():
                self._witness.thread_over(self, self._threads.pop(over.thread_id))
            case Audit():
                self._witness.audit_over(self, self._audits.pop(over.audit_id))

    def finish_all(self) -> None:
        """The world ends, in the middle of what is going on."""
        going_on: list[Session | Ticket | Shift | Thread | Audit] = [*self._sessions.values(), *self._tickets.values()]
        for over in [*going_on, *self._shifts.values(), *self._threads.values(), *self._audits.values()]:
            self.finish(over)

    def _team(self) -> list[Agent]:
        """The agents by the desk's rosters; with the fault ``aliases`` the last one's workbench is renewed late."""
        # One team for every 200 sessions a day.
        rosters = self.tenant.rosters * max(1, round(self.settings.sessions_per_day / 200))
        agents = [
            Agent(
                self,
                f"a-{number + 1:02d}",
                _NAMES[number % len(_NAMES)],
                hours=hours,
                days_off=((2 * number) % 7, (2 * number + 1) % 7),
            )
            for number, hours in enumerate(rosters)
        ]
        if "aliases" in self.settings.faults:
            agents[-1].outdated_until = self.begins_at + 7 * DAY
        return agents
