"""The customers: when they were heard of first and last, by sessions and tickets."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..world.tenant import Tenant
from ..world.ticket import Creation, Ticket
from .table import Row, write_table
from .view import View


@dataclass
class _Heard:
    """What is known of one customer."""

    instants: list[float] = field(default_factory=list)
    channels: set[str] = field(default_factory=set)
    sessions_count: int = 0
    escalated_count: int = 0
    tickets_count: int = 0


class Customers:
    """Takes the rows of ``fct_sessions`` and tickets, and writes ``dim_customers`` when the world has ended."""

    def __init__(self, folder: Path, view: View) -> None:
        self._folder = folder
        self._view = view
        self._heard: defaultdict[tuple[str, str], _Heard] = defaultdict(_Heard)

    def take_session(self, session: Row) -> None:
        """A session, of a customer or of nobody; a test is no contact."""
        if session["customer_id"] is not None and not session["is_test"]:
            heard = self._heard[session["tenant_id"], session["customer_id"]]
            heard.instants.append(session["started_at"])
            heard.channels.add(session["channel"])
            heard.sessions_count += 1
            heard.escalated_count += session["is_escalated"]

    def take_ticket(self, tenant: Tenant, ticket: Ticket) -> None:
        """A ticket, whose creation alone says whose it is."""
        for step in self._view.seen(ticket.history):
            if isinstance(step, Creation) and ticket.customer_id is not None:
                heard = self._heard[tenant.tenant_id, ticket.customer_id]
                heard.instants.append(self._view.at(step.trace))
                heard.tickets_count += 1

    def close(self) -> None:
        """Write the table."""
        write_table(self._folder / "dim_customers.csv", (self._row(*key) for key in sorted(self._heard)))

    def _row(self, tenant_id: str, customer_id: str) -> dict[str, Any]:
        heard = self._heard[tenant_id, customer_id]
        return {
            "tenant_id": tenant_id,
            "customer_id": customer_id,
            "first_contact_at": min(heard.instants),
            "last_contact_at": max(heard.instants),
            "sessions_count": heard.sessions_count,
            "escalated_sessions_count": heard.escalated_count,
            "channels_count": len(heard.channels),
            "tickets_count": heard.tickets_count,
        }
