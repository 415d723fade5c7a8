"""The world: whose desk it is, what time it is, and everything that has happened in it."""

from collections.abc import Mapping
from typing import Any, Protocol

from emitter import Event

from .agenda import Agenda
from .agent import Shift, team
from .chance import Chance
from .customer import Customers
from .desk import Desk
from .session import Session
from .settings import Settings
from .tenant import DAY, Tenant
from .ticket import Ticket


class Writer(Protocol):
    """Takes what happens now and writes it into the log of the product that it happens in."""

    def write(
        self, event: Event, /, *, is_outdated: bool = False, unknown_fields: Mapping[str, Any] | None = None
    ) -> None:
        """Write an event of the contract; an outdated product uses the name and fields of older emitters."""

    def write_unknown(self, product: str, name: str, fields: Mapping[str, Any]) -> None:
        """Write an event that the contract does not know."""


class World:
    """The state of the world. It knows the truth; what is written into logs is what the products say about it."""

    def __init__(self, settings: Settings, tenant: Tenant, agenda: Agenda, writer: Writer) -> None:
        self.settings = settings
        self.tenant = tenant
        self.agenda = agenda
        self.write = writer.write
        self.write_unknown = writer.write_unknown
        self.begins_at = tenant.instant(settings.start)
        self.ends_at = tenant.instant(settings.start, 24.0 * settings.days)
        self.customers = Customers(self.chance("customers"))
        self.desk = Desk(agenda, tenant, team(outdated_until=self.begins_at + 7 * DAY))
        self.sessions: list[Session] = []
        self.shifts: list[Shift] = []
        self.tickets: list[Ticket] = []

    @property
    def now(self) -> float:
        """The instant, in seconds since the epoch."""
        return self.agenda.now

    def chance(self, *what: object) -> Chance:
        """The stream of random draws for a thing, e.g. ``chance("session", 12)``."""
        return Chance("/".join(map(str, (self.settings.seed, self.tenant.tenant_id, *what))))
