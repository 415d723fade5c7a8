"""Coming back: whether what the AI resolved lasted.

A session is over at the first end that is logged, or at the last event before the first silence of the timeout. What
the AI resolved was resolved by its last answer before that, and from there returns count; for any other session from
its end. The customer is back with the first of

- a turn of the user in the same session after it was over (``reopening``); later ends, feedbacks and ratings are no
  return;
- a later session of the same customer on any channel (``session``), where both sessions name the customer; a test is
  nobody's session;
- a later ticket from the session or of the customer (``ticket``).

A resolution is a session with the outcome ``confirmed_resolved`` or ``assumed_resolved``. It is mature for a window
when it is older than the window, and lasts when no return came within it; one exactly at the window's end is within.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from ..world.tenant import Tenant
from ..world.ticket import Creation, Ticket
from .exact import ratio, seconds_between
from .outcome import RESOLVED
from .table import Row
from .view import View

#: In hours.
WINDOWS = (24, 72, 168)
#: What a return looks at of the session.
_OF_SESSION = ("tenant_id", "session_id", "customer_id", "session_date", "channel", "site", "intent", "outcome")
#: A tenant and a session or a customer.
_Key = tuple[str, str]


class _Return(NamedTuple):
    """Somebody came: when, how (``reopening``, ``session``, ``ticket``), the session or ticket it made, the channel."""

    at: float
    by: str
    made_id: str
    channel: str | None


class Returns:
    """Keeps sessions and arrivals, and tells who came back when the world has ended."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._sessions: list[Row] = []
        self._of_customer: defaultdict[_Key, list[_Return]] = defaultdict(list)
        self._of_session: defaultdict[_Key, list[_Return]] = defaultdict(list)

    def take_session(self, row: Row) -> None:
        """Keep a row of ``fct_sessions``: somebody may return to it, and it may be a return. A test is neither."""
        if row["is_test"]:
            return
        tenant_id, customer_id = row["tenant_id"], row["customer_id"]
        if customer_id is not None:
            arrival = _Return(row["started_at"], "session", row["session_id"], row["channel"])
            self._of_customer[tenant_id, customer_id].append(arrival)
        resolved_at = row["ai_resolved_at"]
        self._sessions.append(
            {name: row[name] for name in (*_OF_SESSION, "first_ended_at", "reopened_at")}
            | {"returns_from_at": row["first_ended_at"] if resolved_at is None else resolved_at}
        )

    def take_ticket(self, tenant: Tenant, ticket: Ticket) -> None:
        """Keep that a ticket came in, where it is seen from whom."""
        for step in ticket.history:
            if isinstance(step, Creation) and self._view.sees(step.trace):
                arrival = _Return(self._view.at(step.trace), "ticket", ticket.ticket_id, None)
                if ticket.session_id is not None:
                    self._of_session[tenant.tenant_id, ticket.session_id].append(arrival)
                if ticket.customer_id is not None:
                    self._of_customer[tenant.tenant_id, ticket.customer_id].append(arrival)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of ``fct_session_returns``."""
        for session in sorted(self._sessions, key=lambda session: (session["tenant_id"], session["session_id"])):
            yield self._row(session)

    def _row(self, session: Row) -> dict[str, Any]:
        over_at = session["returns_from_at"]
        later = [] if over_at is None else [arrival for arrival in self._arrivals(session) if arrival.at > over_at]
        next_session = _first(later, "session")
        next_ticket = _first(later, "ticket")
        back = min(later, default=None)
        seconds = None if back is None else seconds_between(over_at, back.at)
        is_mature = {hours: _is_older(over_at, self._view.as_of, hours) for hours in WINDOWS}
        return {
            **session,
            "is_ai_resolution": session["outcome"] in RESOLVED,
            "next_session_at": next_session.at if next_session else None,
            "next_session_id": next_session.made_id if next_session else None,
            "next_session_channel": next_session.channel if next_session else None,
            "next_ticket_at": next_ticket.at if next_ticket else None,
            "next_ticket_id": next_ticket.made_id if next_ticket else None,
            "returned_at": back.at if back else None,
            "returned_by": back.by if back else None,
            "return_id": back.made_id if back else None,
            "seconds_until_return": seconds,
            "seconds_until_next_session": seconds_between(over_at, next_session.at) if next_session else None,
            "hours_until_return": ratio(seconds, 3600),
            **{f"is_mature_{hours}h": is_mature[hours] for hours in WINDOWS},
            **{f"is_durable_{hours}h": _lasts(seconds, hours) if is_mature[hours] else None for hours in WINDOWS},
        }

    def _arrivals(self, session: Row) -> Iterator[_Return]:
        """Who came from the session or is its customer, whenever that was."""
        tenant_id, session_id, customer_id = session["tenant_id"], session["session_id"], session["customer_id"]
        yield from self._of_session.get((tenant_id, session_id), ())
        if customer_id is not None:
            yield from self._of_customer.get((tenant_id, customer_id), ())
        if session["reopened_at"] is not None:
            yield _Return(session["reopened_at"], "reopening", session_id, None)


def _first(arrivals: Iterable[_Return], by: str) -> _Return | None:
    return min((arrival for arrival in arrivals if arrival.by == by), default=None)


def _is_older(over_at: float | None, as_of: float, hours: int) -> bool:
    return over_at is not None and seconds_between(over_at, as_of) > hours * 3600


def _lasts(seconds: Decimal | None, hours: int) -> bool:
    return seconds is None or seconds > hours * 3600
