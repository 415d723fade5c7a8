"""Coming back: whether what the AI resolved lasted.

A resolution is a session with the outcome ``confirmed_resolved`` or ``assumed_resolved``. It is resolved when the
session ends: at the first end that is logged, without one at the last event. The customer is back with the first of

- a turn of the user, or an opening, in the same session after that (``reopening``); later ends, feedbacks and ratings
  are no return;
- a later session of the same customer on any channel (``session``), where both sessions name the customer; a test is
  nobody's session;
- a later ticket from the session or of the customer (``ticket``).

A resolution is mature for a window when it is older than the window, and lasts when no return came within it; a return
exactly at the window's end is within it.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from ..world.happenings import Opening, Turn
from ..world.tenant import Tenant
from ..world.ticket import Creation, Ticket
from .exact import ratio, seconds_between
from .session_memory import SessionMemory
from .table import Row, write_table
from .view import View

#: In hours.
WINDOWS = (24, 72, 168)
_RESOLVED = frozenset({"confirmed_resolved", "assumed_resolved"})
#: A tenant and a session or a customer.
_Key = tuple[str, str]


class _Return(NamedTuple):
    """Somebody came: when, how (``reopening``, ``session``, ``ticket``), and the session or ticket it made."""

    at: float
    by: str
    made_id: str


class _Resolution(NamedTuple):
    """What is kept of a session until it is known who came back."""

    tenant_id: str
    session_id: str
    customer_id: str | None
    outcome: str
    resolved_at: float
    reopening: _Return | None


class Returns:
    """Keeps resolutions and arrivals, and writes ``session_returns`` when the world has ended."""

    def __init__(self, folder: Path, view: View) -> None:
        self._folder = folder
        self._view = view
        self._resolutions: list[_Resolution] = []
        self._of_customer: defaultdict[_Key, list[_Return]] = defaultdict(list)
        self._of_session: defaultdict[_Key, list[_Return]] = defaultdict(list)

    def take_session(self, row: Row, memory: SessionMemory) -> None:
        """Keep a row of ``fct_sessions``: it may be a resolution, or a return to one."""
        tenant_id, session_id, customer_id = row["tenant_id"], row["session_id"], row["customer_id"]
        if customer_id is not None and not row["is_test"]:
            self._of_customer[tenant_id, customer_id].append(_Return(row["started_at"], "session", session_id))
        if row["outcome"] not in _RESOLVED:
            return
        resolved_at, reopening = row["ended_at"], None
        if memory.endings:
            # No session ends before it starts.
            resolved_at = max(memory.at(memory.endings[0]), row["started_at"])
            reopening = _reopening(session_id, memory)
        resolution = _Resolution(tenant_id, session_id, customer_id, row["outcome"], resolved_at, reopening)
        self._resolutions.append(resolution)

    def take_ticket(self, tenant: Tenant, ticket: Ticket) -> None:
        """Keep that a ticket came in, where it is seen from whom."""
        for step in ticket.history:
            if isinstance(step, Creation) and self._view.sees(step.trace):
                arrival = _Return(self._view.at(step.trace), "ticket", ticket.ticket_id)
                if ticket.session_id is not None:
                    self._of_session[tenant.tenant_id, ticket.session_id].append(arrival)
                if ticket.customer_id is not None:
                    self._of_customer[tenant.tenant_id, ticket.customer_id].append(arrival)

    def close(self) -> None:
        """Write the table."""
        write_table(self._folder / "session_returns.csv", map(self._row, sorted(self._resolutions)))

    def _row(self, resolution: _Resolution) -> dict[str, Any]:
        back = self._first_return(resolution)
        seconds = None if back is None else seconds_between(resolution.resolved_at, back.at)
        age = seconds_between(resolution.resolved_at, self._view.as_of)
        is_mature = {window: age > window * 3600 for window in WINDOWS}
        is_durable = {
            window: (seconds is None or seconds > window * 3600) if is_mature[window] else None for window in WINDOWS
        }
        return {
            "tenant_id": resolution.tenant_id,
            "session_id": resolution.session_id,
            "customer_id": resolution.customer_id,
            "outcome": resolution.outcome,
            "resolved_at": resolution.resolved_at,
            "returned_at": None if back is None else back.at,
            "returned_by": None if back is None else back.by,
            "return_id": None if back is None else back.made_id,
            "hours_until_return": ratio(seconds, 3600),
            **{f"is_mature_{window}h": is_mature[window] for window in WINDOWS},
            **{f"is_durable_{window}h": is_durable[window] for window in WINDOWS},
        }

    def _first_return(self, resolution: _Resolution) -> _Return | None:
        """The first arrival after a resolution."""
        tenant_id = resolution.tenant_id
        arrivals = list(self._of_session.get((tenant_id, resolution.session_id), ()))
        if resolution.customer_id is not None:
            arrivals += self._of_customer.get((tenant_id, resolution.customer_id), ())
        later = [arrival for arrival in arrivals if arrival.at > resolution.resolved_at]
        if resolution.reopening is not None:
            later.append(resolution.reopening)
        return min(later, default=None)


def _reopening(session_id: str, memory: SessionMemory) -> _Return | None:
    """The first that the customer did in a session after it had ended."""
    is_over = False
    for happening in memory.all:
        is_over = is_over or happening is memory.endings[0]
        if is_over and (isinstance(happening, Opening) or (isinstance(happening, Turn) and happening.role == "user")):
            return _Return(memory.at(happening), "reopening", session_id)
    return None
