"""The book of the human agents: their shifts, their handlings, and the months of both."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..world.agent import Shift
from ..world.happenings import Opening, Takeover, Transfer
from ..world.session import Session
from ..world.settings import Settings
from ..world.tenant import Tenant
from ..world.world import World
from .book import Blank
from .exact import ratio
from .handlings import Handling, handlings
from .shifts import Held, PastShift, past_shift, shift_rows
from .table import Row, Table, write_table
from .view import View

_AgentKey = tuple[str, str]
#: A tenant, and a local day or the first day of a local month.
_Key = tuple[str, date]


@dataclass(slots=True)
class _Handlings:
    """The figures of a tenant's local day or month; a handling counts in that of its takeover.

    A session that was handled on two days counts on both, and once in their month: months are no sums of days.
    """

    handled_sessions_count: int = 0
    handlings_count: int = 0
    transfers_count: int = 0
    waited_handlings_count: int = 0
    wait_seconds_total: Decimal = Decimal(0)
    ended_handlings_count: int = 0
    handle_seconds_total: Decimal = Decimal(0)

    def take(self, handling: Handling) -> None:
        self.handlings_count += 1
        if handling.wait_seconds is not None:
            self.waited_handlings_count += 1
            self.wait_seconds_total += handling.wait_seconds
        if handling.handle_seconds is not None:
            self.ended_handlings_count += 1
            self.handle_seconds_total += handling.handle_seconds

    def figures(self) -> dict[str, Any]:
        waits = self.wait_seconds_total if self.waited_handlings_count else None
        handles = self.handle_seconds_total if self.ended_handlings_count else None
        return {
            "handled_sessions_count": self.handled_sessions_count,
            "handlings_count": self.handlings_count,
            "transfers_count": self.transfers_count,
            "waited_handlings_count": self.waited_handlings_count,
            "wait_seconds_total": waits,
            "ended_handlings_count": self.ended_handlings_count,
            "handle_seconds_total": handles,
            "avg_first_response_seconds": ratio(waits, self.waited_handlings_count),
            "avg_handle_time_seconds": ratio(handles, self.ended_handlings_count),
            "transfer_rate": ratio(self.transfers_count, self.handled_sessions_count),
        }


class AgentBook(Blank):
    """Writes ``fct_agent_handlings`` while sessions end, then ``fct_agent_shifts`` and ``agent_handling_monthly``.

    handling_months: the rows of ``agent_handling_monthly`` by tenant and first day of the month, once it is closed;
    handling_days: the same figures by day.
    """

    def __init__(self, folder: Path, settings: Settings, view: View) -> None:  # noqa: ARG002 - as all books
        self.handling_days: dict[_Key, Row] = {}
        self.handling_months: dict[_Key, Row] = {}
        self._folder = folder
        self._view = view
        self._handlings = Table(folder / "fct_agent_handlings.csv")
        self._days: defaultdict[_Key, _Handlings] = defaultdict(_Handlings)
        self._months: defaultdict[_Key, _Handlings] = defaultdict(_Handlings)
        self._tenants: dict[str, Tenant] = {}
        self._shifts: dict[_AgentKey, list[PastShift]] = {}
        self._holds: dict[_AgentKey, list[Held]] = {}

    def session_over(self, world: World, session: Session) -> None:
        """Write its handlings; those of a test session count in no month."""
        if not any(isinstance(happening, (Takeover, Transfer)) for happening in session.history):
            return
        found = handlings(session, self._view)
        tenant = world.tenant
        for handling in found:
            self._handlings.add(handling.row(tenant.tenant_id))
            self._holds.setdefault((tenant.tenant_id, handling.agent_id), []).append(
                Held(session.session_id, handling.taken_over_at, handling.ended_at)
            )
        seen = [happening for happening in session.history if self._view.sees(happening.trace)]
        if session.is_test and any(isinstance(happening, Opening) for happening in seen):
            return
        days = [(handling, tenant.local_date(handling.taken_over_at)) for handling in found]
        # A transfer whose takeover was lost is a transfer too.
        transfers = [tenant.local_date(self._view.at(each.trace)) for each in seen if isinstance(each, Transfer)]
        _count(self._days, tenant.tenant_id, days, transfers)
        _count(
            self._months,
            tenant.tenant_id,
            [(handling, day.replace(day=1)) for handling, day in days],
            [day.replace(day=1) for day in transfers],
        )

    def shift_over(self, world: World, shift: Shift) -> None:
        """Keep of it what its row needs; what ended it as seen may be told by a later one."""
        key = (world.tenant.tenant_id, shift.agent_id)
        self._tenants[world.tenant.tenant_id] = world.tenant
        self._shifts.setdefault(key, []).append(past_shift(shift, self._view))

    def close(self) -> None:
        """Write the shifts and the months."""
        self._handlings.close()
        shifts = Table(self._folder / "fct_agent_shifts.csv")
        for key in sorted(self._shifts):
            tenant_id, agent_id = key
            holds = self._holds.get(key, [])
            for row in shift_rows(self._tenants[tenant_id], agent_id, self._shifts[key], holds, self._view):
                shifts.add(row)
        shifts.close()
        self.handling_days = {key: tally.figures() for key, tally in self._days.items()}
        self.handling_months = {
            (tenant_id, month): {"tenant_id": tenant_id, "month": month, **self._months[tenant_id, month].figures()}
            for tenant_id, month in sorted(self._months)
        }
        write_table(self._folder / "agent_handling_monthly.csv", self.handling_months.values())


def _count(
    tallies: dict[_Key, _Handlings], tenant_id: str, handled: list[tuple[Handling, date]], transfers: list[date]
) -> None:
    """Count the handlings and transfers of a session, each with the day or month that it counts in."""
    for handling, period in handled:
        tallies[tenant_id, period].take(handling)
    for period in {period for _, period in handled}:
        tallies[tenant_id, period].handled_sessions_count += 1
    for period in transfers:
        tallies[tenant_id, period].transfers_count += 1
